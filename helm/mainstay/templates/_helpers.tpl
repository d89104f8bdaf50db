{{- define "mainstay.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "mainstay.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "mainstay.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "mainstay.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Selectors are immutable: name and instance, for ever. */}}
{{- define "mainstay.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mainstay.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels that all objects share. */}}
{{- define "mainstay.sharedLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: {{ include "mainstay.name" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "mainstay.labels" -}}
{{ include "mainstay.selectorLabels" . }}
{{ include "mainstay.sharedLabels" . }}
{{- end }}

{{/* Name and instance of what is not the app itself (a job, a test, a trial database), so that no selector of the app finds it.
Call with (dict "root" $ "part" "migrate"). */}}
{{- define "mainstay.partSelectorLabels" -}}
app.kubernetes.io/name: {{ include "mainstay.name" .root }}-{{ .part }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}

{{- define "mainstay.partLabels" -}}
{{ include "mainstay.partSelectorLabels" . }}
{{ include "mainstay.sharedLabels" .root }}
{{- end }}

{{/* Labels of a pod template: without the chart's version, so that a new chart alone restarts nothing. Call with a part. */}}
{{- define "mainstay.podLabels" -}}
{{- if .part }}
{{- include "mainstay.partSelectorLabels" . }}
{{- else }}
{{- include "mainstay.selectorLabels" .root }}
{{- end }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- with .extra }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Name, namespace, labels and annotations. Call with (dict "root" $ "part" "" "annotations" dict). */}}
{{- define "mainstay.metadata" -}}
name: {{ include "mainstay.fullname" .root }}{{ with .part }}-{{ . }}{{ end }}
namespace: {{ default .root.Release.Namespace .root.Values.namespaceOverride }}
labels:
  {{- if .part }}
  {{- include "mainstay.partLabels" . | nindent 2 }}
  {{- else }}
  {{- include "mainstay.labels" .root | nindent 2 }}
  {{- end }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with mergeOverwrite (dict) .root.Values.commonAnnotations (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "mainstay.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mainstay.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "mainstay.image" -}}
{{- .Values.image.repository }}
{{- with .Values.image.digest }}@{{ . }}{{ else }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end }}
{{- end }}

{{- define "mainstay.migrationMode" -}}
{{- if ne .Values.migrations.mode "auto" -}}
{{- .Values.migrations.mode }}
{{- else -}}
{{- ternary "initContainer" "hook" .Values.trial.postgresql.enabled }}
{{- end }}
{{- end }}

{{/* False where exactly one pod is asked for. */}}
{{- define "mainstay.isMany" -}}
{{- $replicas := ternary .Values.autoscaling.minReplicas .Values.replicaCount .Values.autoscaling.enabled }}
{{- if gt (int $replicas) 1 }}true{{ end }}
{{- end }}
