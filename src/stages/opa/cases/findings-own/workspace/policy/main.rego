package main

deny contains "one replica is too few" if {
	input.kind == "Deployment"
	input.spec.replicas < 2
}

deny contains {"id": "owner", "message": "no owner label", "severity": "low"} if {
	not input.metadata.labels.owner
}
