{{- define "r2d.name" -}}
{{- $both := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) -}}
{{- .Values.fullnameOverride | default $both | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "r2d.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "r2d.labels" -}}
{{ include "r2d.selector" . }}
{{ include "r2d.about" . }}
{{- end -}}

{{- define "r2d.about" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "r2d.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "r2d.name" .) "default") -}}
{{- end -}}

{{- define "r2d.signingKeys" -}}
{{- .Values.signingKeys.secretName | default (printf "%s-signing-keys" (include "r2d.name" .)) -}}
{{- end -}}

{{- /* Secrets in it can be read with the rights of the service, so it is never where the Hub keeps its own. */ -}}
{{- define "r2d.buildNamespace" -}}
{{- $namespace := .Values.builds.namespace | default (printf "%s-builds" .Release.Namespace) -}}
{{- if eq $namespace .Release.Namespace -}}
{{- fail "builds.namespace: builds need a namespace of their own, as the service may read every Secret in it" -}}
{{- end -}}
{{- $namespace -}}
{{- end -}}

{{- /* Another name than that of the service's pods, whose selectors would find these, too. */ -}}
{{- define "r2d.buildkitSelector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-buildkit
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "r2d.buildkitLabels" -}}
{{ include "r2d.buildkitSelector" . }}
{{ include "r2d.about" . }}
{{- end -}}

{{- define "r2d.buildkit" -}}
{{- printf "%s-buildkit" (include "r2d.name" . | trunc 54 | trimSuffix "-") -}}
{{- end -}}

{{- define "r2d.buildkitHost" -}}
{{- printf "%s.%s" (include "r2d.buildkit" .) .Release.Namespace -}}
{{- end -}}

{{- define "r2d.buildkitServer" -}}
{{- .Values.buildkit.tls.serverSecret | default (printf "%s-server" (include "r2d.buildkit" .)) -}}
{{- end -}}

{{- define "r2d.buildkitClient" -}}
{{- .Values.buildkit.tls.clientSecret | default (printf "%s-client" (include "r2d.buildkit" .)) -}}
{{- end -}}

{{- /* Pods of builds need their node's files only for the socket of an engine there. */ -}}
{{- define "r2d.podSecurity" -}}
{{- $buildkit := dig "KubernetesImageBuilder" "buildkit" (.Values.buildkit.enabled | ternary (include "r2d.buildkitHost" .) "") .Values.config -}}
{{- .Values.builds.podSecurity | default ($buildkit | empty | ternary "privileged" "baseline") -}}
{{- end -}}

{{- define "r2d.basePath" -}}
{{- printf "%s/services/%s/" (.Values.hub.baseUrl | trimSuffix "/") .Values.hub.service -}}
{{- end -}}

{{- /* What the chart knows by itself; `config` goes before it. */ -}}
{{- define "r2d.settings" -}}
{{- $path := include "r2d.basePath" . -}}
Repo2DockerService:
  ip: 0.0.0.0
  port: 10101
  base_url: {{ $path | quote }}
  authorizer: jupyterhub
  image_builder: kubernetes
  registry: v2
  log_as: json
  {{- if .Values.catalog }}
  catalog_file: /etc/repo2docker-service-catalog/catalog.yaml
  {{- end }}
KubernetesImageBuilder:
  namespace: {{ include "r2d.buildNamespace" . | quote }}
  {{- if .Values.buildkit.enabled }}
  buildkit: {{ printf "%s:1234" (include "r2d.buildkitHost" .) | quote }}
  buildkit_tls_secret: {{ include "r2d.buildkitClient" . | quote }}
  {{- end }}
V2Registry:
  url: {{ required "registry.url: say which registry keeps what was built" .Values.registry.url | quote }}
  {{- with .Values.registry.imageHost }}
  image_host: {{ . | quote }}
  {{- end }}
  {{- if .Values.registry.credentials.secretName }}
  docker_config: /run/secrets/repo2docker-service/registry.json
  {{- end }}
JupyterHubAuthorizer:
  service_name: {{ .Values.hub.service | quote }}
  service_prefix: {{ $path | quote }}
  hub_base_url: {{ .Values.hub.baseUrl | quote }}
  api_url: {{ printf "%s%s/hub/api" (.Values.hub.url | trimSuffix "/") (.Values.hub.baseUrl | trimSuffix "/") | quote }}
  {{- with .Values.hub.publicUrl }}
  hub_host: {{ . | trimSuffix "/" | quote }}
  {{- end }}
  {{- if .Values.ingress.enabled }}
  oauth_callback_url: {{ printf "https://%s%soauth_callback" (include "r2d.host" .) $path | quote }}
  {{- end }}
{{- end -}}

{{- define "r2d.host" -}}
{{- required "ingress.host: say under which name browsers reach the service" .Values.ingress.host -}}
{{- end -}}
