/**
 * Shapes of the built-in kinds, generated from Kubernetes v1.36.3 by
 * test/contracts/kube/generate/main.ts (which explains the sources); parse-types.ts explains the notation.
 */
export const builtinTypes = `
#ConfigMapKeySelector key:s^ name:s? optional:b; #FileKeySelector key:s^ optional:b path:s^ volumeName:s^
#LabelSelector matchExpressions:[LabelSelectorRequirement]? matchLabels:{s}?; #LocalObjectReference name:s?; #NodeSelector nodeSelectorTerms:[NodeSelectorTerm]^
#NodeSelectorTerm matchExpressions:[NodeSelectorRequirement]? matchFields:[NodeSelectorRequirement]?; #ObjectFieldSelector apiVersion:s? fieldPath:s^
#ObjectReference apiVersion:s? fieldPath:s? kind:s? name:s? namespace:s? resourceVersion:s? uid:s?
#OwnerReference apiVersion:s^ blockOwnerDeletion:b controller:b kind:s^ name:s^ uid:s^; #ResourceFieldSelector containerName:s? divisor:q^ resource:s^
#RoleRef apiGroup:s^ kind:s^ name:s^; #ScopeSelector matchExpressions:[ScopedResourceSelectorRequirement]?; #SecretKeySelector key:s^ name:s? optional:b
#ServiceBackendPort name:s? number:i?; #Subject apiGroup:s? kind:s^ name:s^ namespace:s?
#TopologySelectorTerm matchLabelExpressions:[TopologySelectorLabelRequirement]?; #TypedLocalObjectReference apiGroup:s kind:s^ name:s^
AWSElasticBlockStoreVolumeSource fsType:s? partition:i? readOnly:b? volumeID:s^
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity; AggregationRule clusterRoleSelectors:[LabelSelector]?
AppArmorProfile localhostProfile:s type:s^; AzureDiskVolumeSource cachingMode:s diskName:s^ diskURI:s^ fsType:s kind:s readOnly:b
AzureFileVolumeSource readOnly:b? secretName:s^ shareName:s^
CSIVolumeSource driver:s^ fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b volumeAttributes:{s}?; Capabilities add:[s]? drop:[s]?
CephFSVolumeSource monitors:[s]^ path:s? readOnly:b? secretFile:s? secretRef:LocalObjectReference user:s?
CinderVolumeSource fsType:s? readOnly:b? secretRef:LocalObjectReference volumeID:s^; ClientIPConfig timeoutSeconds:i
ClusterRole aggregationRule:AggregationRule apiVersion:s kind:s metadata:ObjectMeta^ rules:[PolicyRule]^
ClusterRoleBinding apiVersion:s kind:s metadata:ObjectMeta^ roleRef:RoleRef^ subjects:[Subject]?
ClusterTrustBundleProjection labelSelector:LabelSelector name:s optional:b path:s^ signerName:s
Condition lastTransitionTime:t^ message:s^ observedGeneration:i? reason:s^ status:s^ type:s^
ConfigMap apiVersion:s binaryData:{s}? data:{s}? immutable:b kind:s metadata:ObjectMeta^; ConfigMapEnvSource name:s? optional:b
ConfigMapProjection items:[KeyToPath]? name:s? optional:b; ConfigMapVolumeSource defaultMode:i items:[KeyToPath]? name:s? optional:b
Container args:[s]? command:[s]? env:[name>EnvVar]? envFrom:[EnvFromSource]? image:s? imagePullPolicy:s? lifecycle:Lifecycle livenessProbe:Probe name:s^ ports:[containerPort,protocol~TCP>ContainerPort]? readinessProbe:Probe resizePolicy:[ContainerResizePolicy]? resources:ResourceRequirements^ restartPolicy:s restartPolicyRules:[ContainerRestartRule]? securityContext:SecurityContext startupProbe:Probe stdin:b? stdinOnce:b? terminationMessagePath:s? terminationMessagePolicy:s? tty:b? volumeDevices:[devicePath>VolumeDevice]? volumeMounts:[mountPath>VolumeMount]? workingDir:s?
ContainerExtendedResourceRequest containerName:s^ requestName:s^ resourceName:s^; ContainerPort containerPort:i^ hostIP:s? hostPort:i? name:s? protocol:s?
ContainerResizePolicy resourceName:s^ restartPolicy:s^; ContainerResourceMetricSource container:s^ name:s^ target:MetricTarget^
ContainerResourceMetricStatus container:s^ current:MetricValueStatus^ name:s^; ContainerRestartRule action:s? exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator:s? values:[=i]?
ContainerState running:ContainerStateRunning terminated:ContainerStateTerminated waiting:ContainerStateWaiting; ContainerStateRunning startedAt:t^
ContainerStateTerminated containerID:s? exitCode:i^ finishedAt:t^ message:s? reason:s? signal:i? startedAt:t^; ContainerStateWaiting message:s? reason:s?
ContainerStatus allocatedResources:{q}? allocatedResourcesStatus:[name>ResourceStatus]? containerID:s? image:s^ imageID:s^ lastState:ContainerState^ name:s^ ready:b^ resources:ResourceRequirements restartCount:i^ started:b state:ContainerState^ stopSignal:s user:ContainerUser volumeMounts:[mountPath>VolumeMountStatus]?
ContainerUser linux:LinuxContainerUser; CronJob apiVersion:s kind:s metadata:ObjectMeta^ spec:CronJobSpec^ status:CronJobStatus^
CronJobSpec concurrencyPolicy:s? failedJobsHistoryLimit:i jobTemplate:JobTemplateSpec^ schedule:s^ startingDeadlineSeconds:i successfulJobsHistoryLimit:i suspend:b timeZone:s
CronJobStatus active:[ObjectReference]? lastScheduleTime:t lastSuccessfulTime:t; CrossVersionObjectReference apiVersion:s? kind:s^ name:s^
CustomResourceColumnDefinition description:s? format:s? jsonPath:s^ name:s^ priority:i? type:s^; CustomResourceConversion strategy:s^ webhook:WebhookConversion
CustomResourceDefinition apiVersion:s kind:s metadata:ObjectMeta^ spec:CustomResourceDefinitionSpec^ status:CustomResourceDefinitionStatus^
CustomResourceDefinitionCondition lastTransitionTime:t^ message:s? observedGeneration:i? reason:s? status:s^ type:s^
CustomResourceDefinitionNames categories:[s]? kind:s^ listKind:s? plural:s^ shortNames:[s]? singular:s?
CustomResourceDefinitionSpec conversion:CustomResourceConversion group:s^ names:CustomResourceDefinitionNames^ preserveUnknownFields:b? scope:s^ versions:[CustomResourceDefinitionVersion]^
CustomResourceDefinitionStatus acceptedNames:CustomResourceDefinitionNames^ conditions:[type>CustomResourceDefinitionCondition]^ observedGeneration:i? storedVersions:[s]^
CustomResourceDefinitionVersion additionalPrinterColumns:[CustomResourceColumnDefinition]? deprecated:b? deprecationWarning:s name:s^ schema:CustomResourceValidation selectableFields:[SelectableField]? served:b^ storage:b^ subresources:CustomResourceSubresources
CustomResourceSubresourceScale labelSelectorPath:s specReplicasPath:s^ statusReplicasPath:s^; CustomResourceSubresourceStatus 
CustomResourceSubresources scale:CustomResourceSubresourceScale status:CustomResourceSubresourceStatus; CustomResourceValidation openAPIV3Schema:JSONSchemaProps
DaemonSet apiVersion:s kind:s metadata:ObjectMeta^ spec:DaemonSetSpec^ status:DaemonSetStatus^
DaemonSetCondition lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^
DaemonSetSpec minReadySeconds:i? revisionHistoryLimit:i selector:LabelSelector template:PodTemplateSpec^ updateStrategy:DaemonSetUpdateStrategy^
DaemonSetStatus collisionCount:i conditions:[type>DaemonSetCondition]? currentNumberScheduled:i^ desiredNumberScheduled:i^ numberAvailable:i? numberMisscheduled:i^ numberReady:i^ numberUnavailable:i? observedGeneration:i? updatedNumberScheduled:i?
DaemonSetUpdateStrategy rollingUpdate:RollingUpdateDaemonSet type:s?
Deployment apiVersion:s kind:s metadata:ObjectMeta^ spec:DeploymentSpec^ status:DeploymentStatus^
DeploymentCondition lastTransitionTime:t^ lastUpdateTime:t^ message:s? reason:s? status:s^ type:s^
DeploymentSpec minReadySeconds:i? paused:b? progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i selector:LabelSelector strategy:DeploymentStrategy^ template:PodTemplateSpec^
DeploymentStatus availableReplicas:i? collisionCount:i conditions:[type>DeploymentCondition]? observedGeneration:i? readyReplicas:i? replicas:i? terminatingReplicas:i unavailableReplicas:i? updatedReplicas:i?
DeploymentStrategy rollingUpdate:RollingUpdateDeployment type:s?; DownwardAPIProjection items:[DownwardAPIVolumeFile]?
DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:i path:s^ resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource defaultMode:i items:[DownwardAPIVolumeFile]?; EmptyDirVolumeSource medium:s? sizeLimit:q
EnvFromSource configMapRef:ConfigMapEnvSource prefix:s? secretRef:SecretEnvSource; EnvVar name:s^ value:s? valueFrom:EnvVarSource
EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
EphemeralContainer args:[s]? command:[s]? env:[name>EnvVar]? envFrom:[EnvFromSource]? image:s? imagePullPolicy:s? lifecycle:Lifecycle livenessProbe:Probe name:s^ ports:[containerPort,protocol~TCP>ContainerPort]? readinessProbe:Probe resizePolicy:[ContainerResizePolicy]? resources:ResourceRequirements^ restartPolicy:s restartPolicyRules:[ContainerRestartRule]? securityContext:SecurityContext startupProbe:Probe stdin:b? stdinOnce:b? targetContainerName:s? terminationMessagePath:s? terminationMessagePolicy:s? tty:b? volumeDevices:[devicePath>VolumeDevice]? volumeMounts:[mountPath>VolumeMount]? workingDir:s?
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
Event action:s? apiVersion:s count:i? eventTime:t^ firstTimestamp:t^ involvedObject:ObjectReference^ kind:s lastTimestamp:t^ message:s? metadata:ObjectMeta^ reason:s? related:ObjectReference reportingComponent:s^ reportingInstance:s^ series:EventSeries source:EventSource^ type:s?
EventSeries count:i? lastObservedTime:t^; EventSource component:s? host:s?; ExecAction command:[s]?; ExternalDocumentation description:s? url:s?
ExternalMetricSource metric:MetricIdentifier^ target:MetricTarget^; ExternalMetricStatus current:MetricValueStatus^ metric:MetricIdentifier^
FCVolumeSource fsType:s? lun:i readOnly:b? targetWWNs:[s]? wwids:[s]?
FlexVolumeSource driver:s^ fsType:s? options:{s}? readOnly:b? secretRef:LocalObjectReference; FlockerVolumeSource datasetName:s? datasetUUID:s?
GCEPersistentDiskVolumeSource fsType:s? partition:i? pdName:s^ readOnly:b?; GRPCAction port:i^ service:s
GitRepoVolumeSource directory:s? repository:s^ revision:s?; GlusterfsVolumeSource endpoints:s^ path:s^ readOnly:b?
HPAScalingPolicy periodSeconds:i^ type:s^ value:i^; HPAScalingRules policies:[HPAScalingPolicy]? selectPolicy:s stabilizationWindowSeconds:i tolerance:q
HTTPGetAction host:s? httpHeaders:[HTTPHeader]? path:s? port:v^ scheme:s?; HTTPHeader name:s^ value:s^
HTTPIngressPath backend:IngressBackend^ path:s? pathType:s; HTTPIngressRuleValue paths:[HTTPIngressPath]^
HorizontalPodAutoscaler apiVersion:s kind:s metadata:ObjectMeta^ spec:HorizontalPodAutoscalerSpec^ status:HorizontalPodAutoscalerStatus^
HorizontalPodAutoscalerBehavior scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HorizontalPodAutoscalerCondition lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^
HorizontalPodAutoscalerSpec behavior:HorizontalPodAutoscalerBehavior maxReplicas:i^ metrics:[MetricSpec]? minReplicas:i scaleTargetRef:CrossVersionObjectReference^
HorizontalPodAutoscalerStatus conditions:[type>HorizontalPodAutoscalerCondition]? currentMetrics:[MetricStatus]^ currentReplicas:i? desiredReplicas:i^ lastScaleTime:t observedGeneration:i
HostAlias hostnames:[s]? ip:s^; HostIP ip:s^; HostPathVolumeSource path:s^ type:s; IPBlock cidr:s^ except:[s]?
ISCSIVolumeSource chapAuthDiscovery:b? chapAuthSession:b? fsType:s? initiatorName:s iqn:s^ iscsiInterface:s? lun:i^ portals:[s]? readOnly:b? secretRef:LocalObjectReference targetPortal:s^
ImageVolumeSource pullPolicy:s? reference:s?; ImageVolumeStatus imageRef:s?
Ingress apiVersion:s kind:s metadata:ObjectMeta^ spec:IngressSpec^ status:IngressStatus^
IngressBackend resource:TypedLocalObjectReference service:IngressServiceBackend; IngressClass apiVersion:s kind:s metadata:ObjectMeta^ spec:IngressClassSpec^
IngressClassParametersReference apiGroup:s kind:s^ name:s^ namespace:s scope:s; IngressClassSpec controller:s? parameters:IngressClassParametersReference
IngressLoadBalancerIngress hostname:s? ip:s? ports:[IngressPortStatus]?; IngressLoadBalancerStatus ingress:[IngressLoadBalancerIngress]?
IngressPortStatus error:s port:i^ protocol:s^; IngressRule host:s? http:HTTPIngressRuleValue; IngressServiceBackend name:s^ port:ServiceBackendPort^
IngressSpec defaultBackend:IngressBackend ingressClassName:s rules:[IngressRule]? tls:[IngressTLS]?; IngressStatus loadBalancer:IngressLoadBalancerStatus^
IngressTLS hosts:[s]? secretName:s?
JSONSchemaProps $ref:s $schema:s? additionalItems:* additionalProperties:* allOf:[JSONSchemaProps]? anyOf:[JSONSchemaProps]? default:* definitions:{JSONSchemaProps}? dependencies:{*}? description:s? enum:[*]? example:* exclusiveMaximum:b? exclusiveMinimum:b? externalDocs:ExternalDocumentation format:s? id:s? items:* maxItems:i maxLength:i maxProperties:i maximum:n minItems:i minLength:i minProperties:i minimum:n multipleOf:n not:JSONSchemaProps nullable:b? oneOf:[JSONSchemaProps]? pattern:s? patternProperties:{JSONSchemaProps}? properties:{JSONSchemaProps}? required:[s]? title:s? type:s? uniqueItems:b? x-kubernetes-embedded-resource:b? x-kubernetes-int-or-string:b? x-kubernetes-list-map-keys:[s]? x-kubernetes-list-type:s x-kubernetes-map-type:s x-kubernetes-preserve-unknown-fields:b x-kubernetes-validations:[rule>ValidationRule]?
Job apiVersion:s kind:s metadata:ObjectMeta^ spec:JobSpec^ status:JobStatus^
JobCondition lastProbeTime:t^ lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^
JobSpec activeDeadlineSeconds:i backoffLimit:i backoffLimitPerIndex:i completionMode:s completions:i managedBy:s manualSelector:b maxFailedIndexes:i parallelism:i podFailurePolicy:PodFailurePolicy podReplacementPolicy:s selector:LabelSelector successPolicy:SuccessPolicy suspend:b template:PodTemplateSpec^ ttlSecondsAfterFinished:i
JobStatus active:i? completedIndexes:s? completionTime:t conditions:[JobCondition]? failed:i? failedIndexes:s ready:i startTime:t succeeded:i? terminating:i uncountedTerminatedPods:UncountedTerminatedPods
JobTemplateSpec metadata:ObjectMeta^ spec:JobSpec^; KeyToPath key:s^ mode:i path:s^; LabelSelectorRequirement key:s^ operator:s^ values:[s]?
Lease apiVersion:s kind:s metadata:ObjectMeta^ spec:LeaseSpec^
LeaseSpec acquireTime:t holderIdentity:s leaseDurationSeconds:i leaseTransitions:i preferredHolder:s renewTime:t strategy:s
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
LimitRange apiVersion:s kind:s metadata:ObjectMeta^ spec:LimitRangeSpec^
LimitRangeItem default:{q}? defaultRequest:{q}? max:{q}? maxLimitRequestRatio:{q}? min:{q}? type:s^; LimitRangeSpec limits:[LimitRangeItem]^
LinuxContainerUser gid:i^ supplementalGroups:[i]? uid:i^; LoadBalancerIngress hostname:s? ip:s? ipMode:s ports:[PortStatus]?
LoadBalancerStatus ingress:[LoadBalancerIngress]?; ManagedFieldsEntry apiVersion:s? fieldsType:s? fieldsV1:* manager:s? operation:s? subresource:s? time:t
MetricIdentifier name:s^ selector:LabelSelector
MetricSpec containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type:s^
MetricStatus containerResource:ContainerResourceMetricStatus external:ExternalMetricStatus object:ObjectMetricStatus pods:PodsMetricStatus resource:ResourceMetricStatus type:s^
MetricTarget averageUtilization:i averageValue:q type:s^ value:q; MetricValueStatus averageUtilization:i averageValue:q value:q
ModifyVolumeStatus status:s^ targetVolumeAttributesClassName:s?; NFSVolumeSource path:s^ readOnly:b? server:s^
Namespace apiVersion:s kind:s metadata:ObjectMeta^ spec:NamespaceSpec^ status:NamespaceStatus^
NamespaceCondition lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^; NamespaceSpec finalizers:[s]?
NamespaceStatus conditions:[type>NamespaceCondition]? phase:s?; NetworkPolicy apiVersion:s kind:s metadata:ObjectMeta^ spec:NetworkPolicySpec^
NetworkPolicyEgressRule ports:[NetworkPolicyPort]? to:[NetworkPolicyPeer]?; NetworkPolicyIngressRule from:[NetworkPolicyPeer]? ports:[NetworkPolicyPort]?
NetworkPolicyPeer ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector; NetworkPolicyPort endPort:i port:v protocol:s
NetworkPolicySpec egress:[NetworkPolicyEgressRule]? ingress:[NetworkPolicyIngressRule]? podSelector:LabelSelector^ policyTypes:[s]?
NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]? requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeAllocatableResourceClaimStatus containers:[=s]? resourceClaimName:s^ resources:{q}^; NodeSelectorRequirement key:s^ operator:s^ values:[s]?
ObjectMeta annotations:{s}? creationTimestamp:t? deletionGracePeriodSeconds:i deletionTimestamp:t finalizers:[=s]? generateName:s? generation:i? labels:{s}? managedFields:[ManagedFieldsEntry]? name:s? namespace:s? ownerReferences:[uid>OwnerReference]? resourceVersion:s? selfLink:s? uid:s?
ObjectMetricSource describedObject:CrossVersionObjectReference^ metric:MetricIdentifier^ target:MetricTarget^
ObjectMetricStatus current:MetricValueStatus^ describedObject:CrossVersionObjectReference^ metric:MetricIdentifier^
PersistentVolumeClaim apiVersion:s kind:s metadata:ObjectMeta^ spec:PersistentVolumeClaimSpec^ status:PersistentVolumeClaimStatus^
PersistentVolumeClaimCondition lastProbeTime:t^ lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^
PersistentVolumeClaimSpec accessModes:[s]? dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements^ selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s volumeName:s?
PersistentVolumeClaimStatus accessModes:[s]? allocatedResourceStatuses:{s}? allocatedResources:{q}? capacity:{q}? conditions:[type>PersistentVolumeClaimCondition]? currentVolumeAttributesClassName:s modifyVolumeStatus:ModifyVolumeStatus phase:s?
PersistentVolumeClaimTemplate metadata:ObjectMeta^ spec:PersistentVolumeClaimSpec^; PersistentVolumeClaimVolumeSource claimName:s^ readOnly:b?
PhotonPersistentDiskVolumeSource fsType:s? pdID:s^; Pod apiVersion:s kind:s metadata:ObjectMeta^ spec:PodSpec^ status:PodStatus^
PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]? requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]?
PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[s]? mismatchLabelKeys:[s]? namespaceSelector:LabelSelector namespaces:[s]? topologyKey:s^
PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]? requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]?
PodCertificateProjection certificateChainPath:s? credentialBundlePath:s? keyPath:s? keyType:s? maxExpirationSeconds:i signerName:s? userAnnotations:{s}?
PodCondition lastProbeTime:t^ lastTransitionTime:t^ message:s? observedGeneration:i? reason:s? status:s^ type:s^
PodDNSConfig nameservers:[s]? options:[PodDNSConfigOption]? searches:[s]?; PodDNSConfigOption name:s? value:s
PodDisruptionBudget apiVersion:s kind:s metadata:ObjectMeta^ spec:PodDisruptionBudgetSpec^ status:PodDisruptionBudgetStatus^
PodDisruptionBudgetSpec maxUnavailable:v minAvailable:v selector:LabelSelector unhealthyPodEvictionPolicy:s
PodDisruptionBudgetStatus conditions:[type>Condition]? currentHealthy:i^ desiredHealthy:i^ disruptedPods:{t}? disruptionsAllowed:i^ expectedPods:i^ observedGeneration:i?
PodExtendedResourceClaimStatus requestMappings:[ContainerExtendedResourceRequest]^ resourceClaimName:s^; PodFailurePolicy rules:[PodFailurePolicyRule]^
PodFailurePolicyOnExitCodesRequirement containerName:s operator:s^ values:[=i]^; PodFailurePolicyOnPodConditionsPattern status:s^ type:s^
PodFailurePolicyRule action:s^ onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:[PodFailurePolicyOnPodConditionsPattern]?; PodIP ip:s^
PodOS name:s^; PodReadinessGate conditionType:s^; PodResourceClaim name:s^ resourceClaimName:s resourceClaimTemplateName:s
PodResourceClaimStatus name:s^ resourceClaimName:s; PodSchedulingGate name:s^; PodSchedulingGroup podGroupName:s
PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:i fsGroupChangePolicy:s runAsGroup:i runAsNonRoot:b runAsUser:i seLinuxChangePolicy:s seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[i]? supplementalGroupsPolicy:s sysctls:[Sysctl]? windowsOptions:WindowsSecurityContextOptions
PodSpec activeDeadlineSeconds:i affinity:Affinity automountServiceAccountToken:b containers:[name>Container]^ dnsConfig:PodDNSConfig dnsPolicy:s? enableServiceLinks:b ephemeralContainers:[name>EphemeralContainer]? hostAliases:[ip>HostAlias]? hostIPC:b? hostNetwork:b? hostPID:b? hostUsers:b hostname:s? hostnameOverride:s imagePullSecrets:[name>LocalObjectReference]? initContainers:[name>Container]? nodeName:s? nodeSelector:{#s}? os:PodOS overhead:{q}? preemptionPolicy:s priority:i priorityClassName:s? readinessGates:[PodReadinessGate]? resourceClaims:[name>PodResourceClaim]? resources:ResourceRequirements restartPolicy:s? runtimeClassName:s schedulerName:s? schedulingGates:[name>PodSchedulingGate]? schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:s? serviceAccountName:s? setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s? terminationGracePeriodSeconds:i tolerations:[Toleration]? topologySpreadConstraints:[topologyKey,whenUnsatisfiable>TopologySpreadConstraint]? volumes:[name>Volume]?
PodStatus allocatedResources:{q}? conditions:[type>PodCondition]? containerStatuses:[ContainerStatus]? ephemeralContainerStatuses:[ContainerStatus]? extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP:s? hostIPs:[HostIP]? initContainerStatuses:[ContainerStatus]? message:s? nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus]? nominatedNodeName:s? observedGeneration:i? phase:s? podIP:s? podIPs:[ip>PodIP]? qosClass:s? reason:s? resize:s? resourceClaimStatuses:[name>PodResourceClaimStatus]? resources:ResourceRequirements startTime:t
PodTemplateSpec metadata:ObjectMeta^ spec:PodSpec^; PodsMetricSource metric:MetricIdentifier^ target:MetricTarget^
PodsMetricStatus current:MetricValueStatus^ metric:MetricIdentifier^
PolicyRule apiGroups:[s]? nonResourceURLs:[s]? resourceNames:[s]? resources:[s]? verbs:[s]^; PortStatus error:s port:i^ protocol:s^
PortworxVolumeSource fsType:s? readOnly:b? volumeID:s^; PreferredSchedulingTerm preference:NodeSelectorTerm^ weight:i^
PriorityClass apiVersion:s description:s? globalDefault:b? kind:s metadata:ObjectMeta^ preemptionPolicy:s value:i^
Probe exec:ExecAction failureThreshold:i? grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i? periodSeconds:i? successThreshold:i? tcpSocket:TCPSocketAction terminationGracePeriodSeconds:i timeoutSeconds:i?
ProjectedVolumeSource defaultMode:i sources:[VolumeProjection]^; QuobyteVolumeSource group:s? readOnly:b? registry:s^ tenant:s? user:s? volume:s^
RBDVolumeSource fsType:s? image:s^ keyring:s? monitors:[s]^ pool:s? readOnly:b? secretRef:LocalObjectReference user:s?
ReplicaSet apiVersion:s kind:s metadata:ObjectMeta^ spec:ReplicaSetSpec^ status:ReplicaSetStatus^
ReplicaSetCondition lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^
ReplicaSetSpec minReadySeconds:i? replicas:i selector:LabelSelector template:PodTemplateSpec^
ReplicaSetStatus availableReplicas:i? conditions:[type>ReplicaSetCondition]? fullyLabeledReplicas:i? observedGeneration:i? readyReplicas:i? replicas:i^ terminatingReplicas:i
ResourceClaim name:s^ request:s?; ResourceHealth health:s? message:s resourceID:s^; ResourceMetricSource name:s^ target:MetricTarget^
ResourceMetricStatus current:MetricValueStatus^ name:s^
ResourceQuota apiVersion:s kind:s metadata:ObjectMeta^ spec:ResourceQuotaSpec^ status:ResourceQuotaStatus^
ResourceQuotaSpec hard:{q}? scopeSelector:ScopeSelector scopes:[s]?; ResourceQuotaStatus hard:{q}? used:{q}?
ResourceRequirements claims:[name>ResourceClaim]? limits:{q}? requests:{q}?; ResourceStatus name:s^ resources:[resourceID>ResourceHealth]?
Role apiVersion:s kind:s metadata:ObjectMeta^ rules:[PolicyRule]^; RoleBinding apiVersion:s kind:s metadata:ObjectMeta^ roleRef:RoleRef^ subjects:[Subject]?
RollingUpdateDaemonSet maxSurge:v maxUnavailable:v; RollingUpdateDeployment maxSurge:v maxUnavailable:v
RollingUpdateStatefulSetStrategy maxUnavailable:v partition:i; SELinuxOptions level:s? role:s? type:s? user:s?
ScaleIOVolumeSource fsType:s? gateway:s^ protectionDomain:s? readOnly:b? secretRef:LocalObjectReference sslEnabled:b? storageMode:s? storagePool:s? system:s^ volumeName:s?
ScopedResourceSelectorRequirement operator:s^ scopeName:s^ values:[s]?; SeccompProfile localhostProfile:s type:s^
Secret apiVersion:s data:{s}? immutable:b kind:s metadata:ObjectMeta^ stringData:{s}? type:s?; SecretEnvSource name:s? optional:b
SecretProjection items:[KeyToPath]? name:s? optional:b; SecretVolumeSource defaultMode:i items:[KeyToPath]? optional:b secretName:s?
SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:i runAsNonRoot:b runAsUser:i seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
SelectableField jsonPath:s^; Service apiVersion:s kind:s metadata:ObjectMeta^ spec:ServiceSpec^ status:ServiceStatus^
ServiceAccount apiVersion:s automountServiceAccountToken:b imagePullSecrets:[LocalObjectReference]? kind:s metadata:ObjectMeta^ secrets:[name>ObjectReference]?
ServiceAccountTokenProjection audience:s? expirationSeconds:i path:s^; ServicePort appProtocol:s name:s? nodePort:i? port:i^ protocol:s? targetPort:v^
ServiceReference_apiextensions name:s^ namespace:s^ path:s port:i
ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s? clusterIPs:[s]? externalIPs:[s]? externalName:s? externalTrafficPolicy:s? healthCheckNodePort:i? internalTrafficPolicy:s ipFamilies:[s]? ipFamilyPolicy:s loadBalancerClass:s loadBalancerIP:s? loadBalancerSourceRanges:[s]? ports:[port,protocol~TCP>ServicePort]? publishNotReadyAddresses:b? selector:{#s}? sessionAffinity:s? sessionAffinityConfig:SessionAffinityConfig trafficDistribution:s type:s?
ServiceStatus conditions:[type>Condition]? loadBalancer:LoadBalancerStatus^; SessionAffinityConfig clientIP:ClientIPConfig; SleepAction seconds:i^
StatefulSet apiVersion:s kind:s metadata:ObjectMeta^ spec:StatefulSetSpec^ status:StatefulSetStatus^
StatefulSetCondition lastTransitionTime:t^ message:s? reason:s? status:s^ type:s^; StatefulSetOrdinals start:i^
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s? whenScaled:s?
StatefulSetSpec minReadySeconds:i? ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s? replicas:i revisionHistoryLimit:i selector:LabelSelector serviceName:s^ template:PodTemplateSpec^ updateStrategy:StatefulSetUpdateStrategy^ volumeClaimTemplates:[PersistentVolumeClaim]?
StatefulSetStatus availableReplicas:i^ collisionCount:i conditions:[type>StatefulSetCondition]? currentReplicas:i? currentRevision:s? observedGeneration:i? readyReplicas:i? replicas:i^ updateRevision:s? updatedReplicas:i?
StatefulSetUpdateStrategy rollingUpdate:RollingUpdateStatefulSetStrategy type:s?
StorageClass allowVolumeExpansion:b allowedTopologies:[TopologySelectorTerm]? apiVersion:s kind:s metadata:ObjectMeta^ mountOptions:[s]? parameters:{s}? provisioner:s^ reclaimPolicy:s volumeBindingMode:s
StorageOSVolumeSource fsType:s? readOnly:b? secretRef:LocalObjectReference volumeName:s? volumeNamespace:s?; SuccessPolicy rules:[SuccessPolicyRule]^
SuccessPolicyRule succeededCount:i succeededIndexes:s; Sysctl name:s^ value:s^; TCPSocketAction host:s? port:v^
Toleration effect:s? key:s? operator:s? tolerationSeconds:i value:s?; TopologySelectorLabelRequirement key:s^ values:[s]^
TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[s]? maxSkew:i^ minDomains:i nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey:s^ whenUnsatisfiable:s^
TypedObjectReference apiGroup:s kind:s^ name:s^ namespace:s; UncountedTerminatedPods failed:[=s]? succeeded:[=s]?
ValidationRule fieldPath:s? message:s? messageExpression:s? optionalOldSelf:b reason:s rule:s^
Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name:s^ nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource
VolumeDevice devicePath:s^ name:s^; VolumeMount mountPath:s^ mountPropagation:s name:s^ readOnly:b? recursiveReadOnly:s subPath:s? subPathExpr:s?
VolumeMountStatus mountPath:s^ name:s^ readOnly:b? recursiveReadOnly:s volumeStatus:VolumeStatus
VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements limits:{q}? requests:{q}?; VolumeStatus image:ImageVolumeStatus
VsphereVirtualDiskVolumeSource fsType:s? storagePolicyID:s? storagePolicyName:s? volumePath:s^
WebhookClientConfig caBundle:s? service:ServiceReference_apiextensions url:s; WebhookConversion clientConfig:WebhookClientConfig conversionReviewVersions:[s]^
WeightedPodAffinityTerm podAffinityTerm:PodAffinityTerm^ weight:i^
WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
`;
