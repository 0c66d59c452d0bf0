# secplan's own rules for Kubernetes: what gives a workload its host, or anyone the workload. Read by Conftest and OPA.
package secplan

import rego.v1

k8s_workloads := {"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"}

# A file may hold one object or, as OPA is given them, a list of them.
k8s_objects contains input if is_object(input)

k8s_objects contains item if {
	some item in input.items
	input.kind == "List"
}

k8s_pods contains {"kind": object.kind, "name": name, "spec": spec} if {
	some object in k8s_objects
	object.kind in k8s_workloads
	some path in [["spec"], ["spec", "template", "spec"], ["spec", "jobTemplate", "spec", "template", "spec"]]
	object_path_fits(object.kind, path)
	spec := object_get_path(object, path)
	name := object_get_path(object, ["metadata", "name"])
}

object_path_fits("Pod", ["spec"])

object_path_fits("CronJob", ["spec", "jobTemplate", "spec", "template", "spec"])

object_path_fits(kind, ["spec", "template", "spec"]) if not kind in {"Pod", "CronJob"}

object_get_path(value, path) := found if {
	found := object.get(value, path, null)
	found != null
}

k8s_containers contains {"pod": pod, "container": container} if {
	some pod in k8s_pods
	some field in ["containers", "initContainers"]
	some container in pod.spec[field]
}

deny contains k8s_finding("SP-K8S-001", "critical", pod, container, "runs privileged") if {
	some {"pod": pod, "container": container} in k8s_containers
	container.securityContext.privileged == true
}

deny contains k8s_finding("SP-K8S-002", "high", pod, {"name": "-"}, sprintf("shares the host's %s", [field])) if {
	some pod in k8s_pods
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	pod.spec[field] == true
}

deny contains k8s_finding("SP-K8S-003", "critical", pod, {"name": "-"}, "mounts the container runtime's socket of the host") if {
	some pod in k8s_pods
	some volume in pod.spec.volumes
	regex.match(`(docker|containerd|crio)[.]sock$`, volume.hostPath.path)
}

deny contains k8s_finding("SP-K8S-004", "medium", pod, container, "may gain privileges (allowPrivilegeEscalation)") if {
	some {"pod": pod, "container": container} in k8s_containers
	container.securityContext.allowPrivilegeEscalation == true
}

deny contains k8s_finding("SP-K8S-005", "medium", pod, container, "runs as root (runAsUser 0)") if {
	some {"pod": pod, "container": container} in k8s_containers
	container.securityContext.runAsUser == 0
}

deny contains k8s_finding("SP-K8S-006", "low", pod, container, "has an image without a fixed version") if {
	some {"pod": pod, "container": container} in k8s_containers
	not regex.match(`(:[^/:@]+|@sha256:[0-9a-f]{64})$`, container.image)
}

deny contains k8s_finding("SP-K8S-006", "low", pod, container, "has an image without a fixed version") if {
	some {"pod": pod, "container": container} in k8s_containers
	endswith(container.image, ":latest")
}

deny contains k8s_finding("SP-K8S-007", "high", pod, container, "adds a capability that gives it the host") if {
	some {"pod": pod, "container": container} in k8s_containers
	some capability in container.securityContext.capabilities.add
	capability in {"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "NET_ADMIN", "DAC_READ_SEARCH"}
}

deny contains {"id": "SP-K8S-008", "severity": "high", "msg": sprintf("%s %s allows everything (verbs and resources *)", [object.kind, object.metadata.name])} if {
	some object in k8s_objects
	object.kind in {"Role", "ClusterRole"}
	some rule in object.rules
	"*" in rule.verbs
	"*" in rule.resources
}

k8s_finding(id, severity, pod, container, what) := {"id": id, "severity": severity, "msg": sprintf("%s %s%s %s", [pod.kind, pod.name, suffix, what])} if {
	suffix := container_suffix(container.name)
}

container_suffix("-") := ""

container_suffix(name) := sprintf(", container %s,", [name]) if name != "-"
