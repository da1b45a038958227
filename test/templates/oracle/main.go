// Renders tables of templates with the real engines. Reads the case files named on the command line and writes what each
// template gives, or the error, to the golden folder beside them.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// group is a list of templates that are rendered with the same data.
type group struct {
	// Data is a JSON document. Integers are int, other numbers float64.
	Data string `json:"data"`
	// Helm makes every number of the data float64, as it does with values files.
	Helm       bool     `json:"helm"`
	MissingKey string   `json:"missingKey"`
	Left       string   `json:"left"`
	Right      string   `json:"right"`
	Templates  []string `json:"templates"`
	// OutputOnly leaves the templates out of the golden.
	OutputOnly bool `json:"outputOnly"`
}

type result struct {
	Template *string `json:"template,omitempty"`
	Output   *string `json:"output,omitempty"`
	Error    *string `json:"error,omitempty"`
}

func main() {
	time.Local = time.UTC
	for _, path := range os.Args[1:] {
		if err := renderFile(path); err != nil {
			fmt.Fprintln(os.Stderr, path, err)
			os.Exit(1)
		}
	}
}

func renderFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var groups []group
	if err := yaml.UnmarshalStrict(text, &groups); err != nil {
		return err
	}
	results := make([][]result, len(groups))
	for i, g := range groups {
		for _, t := range g.Templates {
			r := renderCase(g, t)
			if g.OutputOnly {
				r.Template = nil
			}
			results[i] = append(results[i], r)
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(results); err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + ".json"
	return os.WriteFile(filepath.Join(filepath.Dir(path), "..", "golden", name), out.Bytes(), 0o644)
}

func renderCase(g group, text string) result {
	output, err := render(g, text)
	if err != nil {
		message := err.Error()
		return result{Template: &text, Error: &message}
	}
	return result{Template: &text, Output: &output}
}

func render(g group, text string) (string, error) {
	data, err := decode(g)
	if err != nil {
		return "", err
	}
	missingKey := g.MissingKey
	if missingKey == "" {
		missingKey = "default"
	}
	t := template.New("t").Delims(g.Left, g.Right).Funcs(functions()).Option("missingkey=" + missingKey)
	if _, err := t.Parse(text); err != nil {
		return "", err
	}
	var out strings.Builder
	if err := t.Execute(&out, data); err != nil {
		return "", err
	}
	return out.String(), nil
}

func decode(g group) (any, error) {
	if g.Data == "" {
		return map[string]any{}, nil
	}
	decoder := json.NewDecoder(strings.NewReader(g.Data))
	if !g.Helm {
		decoder.UseNumber()
	}
	var data any
	err := decoder.Decode(&data)
	return plainNumbers(data), err
}

// plainNumbers makes int or float64 of what UseNumber has left as text.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	}
	return v
}

// functions are Sprig's and the ones that Helm adds to them, without those that need a chart.
func functions() template.FuncMap {
	f := sprig.TxtFuncMap()
	f["toYaml"] = func(v any) string {
		data, err := yaml.Marshal(v)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(data), "\n")
	}
	f["toYamlPretty"] = func(v any) string {
		var data bytes.Buffer
		encoder := goyaml.NewEncoder(&data)
		encoder.SetIndent(2)
		if err := encoder.Encode(v); err != nil {
			return ""
		}
		return strings.TrimSuffix(data.String(), "\n")
	}
	f["fromYaml"] = func(text string) map[string]any {
		m := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	f["fromYamlArray"] = func(text string) []any {
		a := []any{}
		if err := yaml.Unmarshal([]byte(text), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	}
	f["toToml"] = func(v any) string {
		var b bytes.Buffer
		if err := toml.NewEncoder(&b).Encode(v); err != nil {
			return err.Error()
		}
		return b.String()
	}
	f["fromToml"] = func(text string) map[string]any {
		m := map[string]any{}
		if err := toml.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	f["toJson"] = func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(data)
	}
	f["fromJson"] = func(text string) map[string]any {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	f["fromJsonArray"] = func(text string) []any {
		a := []any{}
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			a = []any{err.Error()}
		}
		return a
	}
	return f
}
