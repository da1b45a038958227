// Renders charts as `helm template` does. Reads the case file and writes the goldens of the folder beside it:
// what is printed, or the error.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

type renderCase struct {
	Name        string   `json:"name"`
	Chart       string   `json:"chart"`
	Values      string   `json:"values"`
	Set         []string `json:"set"`
	SetString   []string `json:"setString"`
	SetJSON     []string `json:"setJson"`
	SetLiteral  []string `json:"setLiteral"`
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
	IncludeCRDs bool     `json:"includeCrds"`
}

type result struct {
	Name   string  `json:"name"`
	Output *string `json:"output,omitempty"`
	Notes  string  `json:"notes,omitempty"`
	Error  *string `json:"error,omitempty"`
}

func main() {
	log.SetOutput(io.Discard)
	if len(os.Args) > 1 && os.Args[1] == "api-versions" {
		for _, v := range chartutil.DefaultVersionSet {
			fmt.Println(v)
		}
		return
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var cases []renderCase
	if err := yaml.UnmarshalStrict(text, &cases); err != nil {
		return err
	}
	var results []result
	for _, c := range cases {
		output, notes, err := render(filepath.Dir(path), c)
		if err != nil {
			message := err.Error()
			results = append(results, result{Name: c.Name, Error: &message})
			continue
		}
		results = append(results, result{Name: c.Name, Output: &output, Notes: notes})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(results); err != nil {
		return err
	}
	return os.WriteFile(strings.TrimSuffix(path, filepath.Ext(path))+".json", out.Bytes(), 0o644)
}

func render(folder string, c renderCase) (string, string, error) {
	chart, err := loader.Load(filepath.Join(folder, "charts", c.Chart))
	if err != nil {
		return "", "", err
	}
	values, err := valuesOf(c)
	if err != nil {
		return "", "", err
	}
	client := action.NewInstall(new(action.Configuration))
	client.DryRun = true
	client.DryRunOption = "client"
	client.ClientOnly = true
	client.Replace = true
	client.ReleaseName = "release-name"
	client.Namespace = "default"
	client.IncludeCRDs = c.IncludeCRDs
	client.APIVersions = c.APIVersions
	kubeVersion := c.KubeVersion
	if kubeVersion == "" {
		kubeVersion = "v1.36.0"
	}
	if client.KubeVersion, err = chartutil.ParseKubeVersion(kubeVersion); err != nil {
		return "", "", err
	}
	rel, err := client.Run(chart, values)
	if err != nil {
		return "", "", err
	}
	return printed(rel), rel.Info.Notes, nil
}

func printed(rel *release.Release) string {
	var out strings.Builder
	fmt.Fprintln(&out, strings.TrimSpace(rel.Manifest))
	for _, h := range rel.Hooks {
		fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", h.Path, h.Manifest)
	}
	return out.String()
}

func valuesOf(c renderCase) (map[string]any, error) {
	values := map[string]any{}
	if err := yaml.Unmarshal([]byte(c.Values), &values); err != nil {
		return nil, err
	}
	if values == nil {
		values = map[string]any{}
	}
	for _, s := range c.SetJSON {
		if err := strvals.ParseJSON(s, values); err != nil {
			return nil, err
		}
	}
	for _, s := range c.Set {
		if err := strvals.ParseInto(s, values); err != nil {
			return nil, err
		}
	}
	for _, s := range c.SetString {
		if err := strvals.ParseIntoString(s, values); err != nil {
			return nil, err
		}
	}
	for _, s := range c.SetLiteral {
		if err := strvals.ParseLiteralInto(s, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}
