{{- define "jira-export.labels" -}}
app.kubernetes.io/name: jira-export
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "jira-export.meta" -}}
{{ include "jira-export.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "jira-export.name" -}}
{{ printf "%s-%s" .root.Release.Name .component | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "jira-export.image" -}}
{{- $image := .root.Values.image -}}
{{- $tag := $image.tag | default .root.Chart.AppVersion -}}
{{- if $image.registry }}{{ $image.registry }}/{{ end }}{{ $image.prefix }}-{{ .component }}:{{ $tag }}
{{- end }}

{{- define "jira-export.secret" -}}
{{- index .root.Values.secrets.existing .component | default (include "jira-export.name" .) -}}
{{- end }}

{{- define "jira-export.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "jira-export.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "jira-export.placing" -}}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{- define "jira-export.host" -}}
{{ .Values.publicUrl | trimPrefix "https://" | trimPrefix "http://" | regexFind "^[^:]+" }}
{{- end }}

{{/* The public name, and those by which the services find each other. */}}
{{- define "jira-export.hosts" -}}
{{- $hosts := list (include "jira-export.host" .) -}}
{{- range $component, $service := .Values.services -}}
{{- $hosts = append $hosts (include "jira-export.name" (dict "root" $ "component" $component)) -}}
{{- end -}}
{{- concat $hosts .Values.allowedHosts | toJson -}}
{{- end }}

{{/* Settings that one service alone has. */}}
{{- define "jira-export.own" -}}
{{- $values := .root.Values -}}
{{- if eq .component "api-gateway" }}
- {name: LIMITS__NODES, value: {{ max 1 (int (index $values.services "api-gateway").replicas) | quote }}}
{{- end }}
{{- if eq .component "auth" }}
- {name: MAIL, value: {{ $values.mail.kind | quote }}}
{{- if eq $values.mail.kind "smtp" }}
- {name: SMTP__HOST, value: {{ $values.mail.host | quote }}}
- {name: SMTP__PORT, value: {{ $values.mail.port | quote }}}
- {name: SMTP__FROM, value: {{ $values.mail.from | quote }}}
- {name: SMTP__TLS, value: {{ $values.mail.tls | quote }}}
{{- with $values.mail.username }}
- {name: SMTP__USERNAME, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- with $values.frontEndUrl }}
- {name: FRONT_END_URL, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- if and $values.masterKeys.existingSecret (has .component (list "auth" "jira-sync" "bootstrap")) }}
- {name: CRYPTO__MASTER_KEYS_FILE, value: /run/master-keys/{{ $values.masterKeys.file }}}
- {name: CRYPTO__ACTIVE_KEY, value: {{ $values.masterKeys.active | quote }}}
{{- end }}
{{- end }}

{{- define "jira-export.env" -}}
{{- include "jira-export.own" . }}
{{- range $key, $value := (index .root.Values.services .component).env }}
- {name: {{ $key }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "jira-export.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if and .root.Values.masterKeys.existingSecret (has .component (list "auth" "jira-sync" "bootstrap")) }}
- {name: master-keys, mountPath: /run/master-keys, readOnly: true}
{{- end }}
{{- end }}

{{- define "jira-export.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ eq .component "bootstrap" | ternary "256Mi" "2Gi" }}}
{{- if and .root.Values.masterKeys.existingSecret (has .component (list "auth" "jira-sync" "bootstrap")) }}
- name: master-keys
  secret:
    secretName: {{ .root.Values.masterKeys.existingSecret }}
    defaultMode: 0440
    items: [{key: {{ .root.Values.masterKeys.file }}, path: {{ .root.Values.masterKeys.file }}}]
{{- end }}
{{- end }}

{{- define "jira-export.envFrom" -}}
- configMapRef: {name: {{ include "jira-export.name" (dict "root" .root "component" "config") }}}
- secretRef: {name: {{ include "jira-export.secret" . }}}
{{- end }}
