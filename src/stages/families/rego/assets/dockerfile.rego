# secplan's own rules for Dockerfiles as Conftest reads them: a list of instructions.
package secplan

import rego.v1

docker_instructions contains step if {
	is_array(input)
	some step in input
	is_string(step.Cmd)
}

deny contains {"id": "SP-DOCKER-001", "severity": "low", "msg": "an image without a fixed version is built upon"} if {
	some step in docker_instructions
	lower(step.Cmd) == "from"
	image := step.Value[0]
	not image == "scratch"
	docker_floating(image)
}

docker_floating(image) if endswith(image, ":latest")

docker_floating(image) if {
	not contains(image, "$")
	not regex.match(`(:[^/:@]+|@sha256:[0-9a-f]{64})$`, image)
	count([step | some step in docker_instructions; lower(step.Cmd) == "from"; lower(step.Value[2]) == lower(image)]) == 0
}

deny contains {"id": "SP-DOCKER-002", "severity": "medium", "msg": "the image runs as root: it names no user"} if {
	count(docker_instructions) > 0
	count([step | some step in docker_instructions; lower(step.Cmd) == "user"]) == 0
}

deny contains {"id": "SP-DOCKER-003", "severity": "high", "msg": sprintf("a secret is kept in the image (%s)", [name])} if {
	some step in docker_instructions
	lower(step.Cmd) in {"env", "arg"}
	name := split(step.Value[0], "=")[0]
	regex.match(`(?i)(passw(or)?d|secret|api_?key|access_?key|private_?key|token)`, name)
	docker_valued(step)
}

# ENV always gives a value; ARG only with `=`.
docker_valued(step) if lower(step.Cmd) == "env"

docker_valued(step) if contains(step.Value[0], "=")

deny contains {"id": "SP-DOCKER-004", "severity": "medium", "msg": "something downloaded is run without a check of what it is"} if {
	some step in docker_instructions
	lower(step.Cmd) == "run"
	regex.match(`(curl|wget)[^|;&]*[|]\s*(sudo\s+)?(ba|z|da)?sh\b`, concat(" ", step.Value))
}
