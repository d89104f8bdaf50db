{{/* What the app's pods and the migration's pod have in common. */}}
{{- define "mainstay.podBase" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: { sizeLimit: 64Mi }
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Image, environment and rights of a container of the product. Call with (dict "root" $ "part" ""). */}}
{{- define "mainstay.containerBase" -}}
image: {{ include "mainstay.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  {{- toYaml .root.Values.securityContext | nindent 2 }}
envFrom:
  {{- include "mainstay.envFrom" . | trim | nindent 2 }}
{{- with include "mainstay.env" .root | trim }}
env:
  {{- . | nindent 2 }}
{{- end }}
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  {{- with .root.Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* The migration container, for the Job and the init container. */}}
{{- define "mainstay.migrateContainer" -}}
- name: migrate
  command: [node, dist/cli/migrate.js, up]
  {{- include "mainstay.containerBase" . | nindent 2 }}
  resources:
    {{- toYaml .root.Values.migrations.resources | nindent 4 }}
{{- end }}
