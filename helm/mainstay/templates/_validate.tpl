{{/* Values that contradict each other, all at once. */}}
{{- define "mainstay.validate" -}}
{{- $faults := list }}
{{- $v := .Values }}
{{- $trial := $v.trial }}
{{- if not $v.image.repository }}
{{- $faults = append $faults "image.repository is empty: push the image and name it, for example --set image.repository=registry.example.com/mainstay" }}
{{- end }}
{{- $sources := dict "secrets.values" (keys $v.secrets.values) "secrets.from" (keys $v.secrets.from) }}
{{- $trialKeys := concat (ternary (list "DATABASE_URL") list $trial.postgresql.enabled) (ternary (list "REDIS_URL") list $trial.redis.enabled) }}
{{- range $name := $trialKeys }}
{{- range $source, $names := $sources }}
{{- if has $name $names }}
{{- $faults = append $faults (printf "%s is set in %s and by the trial database: keep one" $name $source) }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name := keys $v.secrets.values | sortAlpha }}
{{- if hasKey $v.secrets.from $name }}
{{- $faults = append $faults (printf "%s is set in secrets.values and in secrets.from: keep one" $name) }}
{{- end }}
{{- end }}
{{- range $name := list "DATABASE_URL" "SECRET_KEY" }}
{{- if not (or $v.secrets.existingSecret (hasKey $v.secrets.values $name) (hasKey $v.secrets.from $name) (has $name $trialKeys)) }}
{{- $faults = append $faults (printf "%s comes from nowhere: name a Secret that holds it in secrets.existingSecret or secrets.from, or set secrets.values.%s" $name $name) }}
{{- end }}
{{- end }}
{{- if and $trial.postgresql.enabled (eq $v.migrations.mode "hook") }}
{{- $faults = append $faults "migrations.mode is hook, but the trial PostgreSQL starts only after the hook: use auto or initContainer" }}
{{- end }}
{{- if and $trial.postgresql.enabled (not $trial.postgresql.password) }}
{{- $faults = append $faults "trial.postgresql.password is empty: --set trial.postgresql.password=$(openssl rand -hex 16)" }}
{{- end }}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) }}
{{- $faults = append $faults "ingress.hosts is empty: name the host that the Ingress serves" }}
{{- end }}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) }}
{{- $faults = append $faults "httpRoute.parentRefs is empty: name the Gateway to attach to, for example --set 'httpRoute.parentRefs[0].name=public'" }}
{{- end }}
{{- if $v.autoscaling.enabled }}
{{- if gt (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas) }}
{{- $faults = append $faults "autoscaling.minReplicas is above autoscaling.maxReplicas" }}
{{- end }}
{{- if not (or $v.autoscaling.targetCPUUtilizationPercentage $v.autoscaling.targetMemoryUtilizationPercentage $v.autoscaling.extraMetrics) }}
{{- $faults = append $faults "autoscaling has no metric: set autoscaling.targetCPUUtilizationPercentage" }}
{{- end }}
{{- end }}
{{- if and $v.metrics.serviceMonitor.enabled (not $v.metrics.enabled) }}
{{- $faults = append $faults "metrics.serviceMonitor.enabled needs metrics.enabled" }}
{{- end }}
{{- if $faults }}
{{- fail (printf "\n- %s" (join "\n- " $faults)) }}
{{- end }}
{{- end }}
