package main

deny contains "a service must not be a load balancer" if {
	input.kind == "Service"
	input.spec.type == "LoadBalancer"
}

deny_one contains "one replica is too few" if {
	input.kind == "Deployment"
	input.spec.replicas < 2
}

warn contains msg if {
	not input.metadata.labels.owner
	msg := sprintf("%s has no owner label", [input.metadata.name])
}

exception contains rules if {
	rules := ["one"]
}
