{{- define "common.thing" -}}thing {{ .x }}{{- end -}}
