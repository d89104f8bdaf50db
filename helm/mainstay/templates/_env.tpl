{{/* A setting as the text that an environment variable holds: 1048576 and not 1.048576e+06. */}}
{{- define "mainstay.text" -}}
{{- if kindIs "float64" . }}{{ toJson . }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{/* Every setting that is no secret, as a YAML map. */}}
{{- define "mainstay.settings" -}}
NODE_ENV: production
HOST: 0.0.0.0
PORT: "8000"
WEB_CONCURRENCY: {{ .Values.workers | quote }}
NODE_OPTIONS: --max-old-space-size-percentage={{ div .Values.heapPercent .Values.workers }}
DATABASE_MIGRATE_ON_START: "false"
DRAIN_DELAY: {{ .Values.drain.delaySeconds | quote }}
GRACEFUL_TIMEOUT: {{ .Values.drain.timeoutSeconds | quote }}
{{- if .Values.metrics.enabled }}
METRICS_PORT: {{ .Values.metrics.port | quote }}
{{- end }}
{{- range $name, $value := .Values.config }}
{{ $name }}: {{ include "mainstay.text" $value | quote }}
{{- end }}
{{- end }}

{{/* Secrets that the chart makes itself, as a YAML map; empty when there are none. */}}
{{- define "mainstay.ownSecrets" -}}
{{- range $name, $value := .Values.secrets.values }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- if .Values.trial.postgresql.enabled }}
DATABASE_URL: {{ printf "postgres://mainstay:%s@%s-postgresql:5432/mainstay" .Values.trial.postgresql.password (include "mainstay.fullname" .) | quote }}
{{- end }}
{{- if .Values.trial.redis.enabled }}
REDIS_URL: {{ printf "redis://%s-redis:6379" (include "mainstay.fullname" .) | quote }}
{{- end }}
{{- end }}

{{/* envFrom of the app and the migrations. Call with (dict "root" $ "part" ""); the part names the hook's own copies. */}}
{{- define "mainstay.envFrom" -}}
{{- $name := printf "%s%s" (include "mainstay.fullname" .root) (ternary (printf "-%s" .part) "" (ne .part "")) }}
- configMapRef: { name: {{ $name }} }
{{- if include "mainstay.ownSecrets" .root | trim }}
- secretRef: { name: {{ $name }} }
{{- end }}
{{- with .root.Values.secrets.existingSecret }}
- secretRef: { name: {{ . }} }
{{- end }}
{{- with .root.Values.extraEnvFrom }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "mainstay.env" -}}
{{- range $name, $source := .Values.secrets.from }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: { name: {{ $source.name }}, key: {{ $source.key | quote }} }
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
