# secplan's own rules for Terraform as Conftest reads HCL: what opens a resource to the world.
package secplan

import rego.v1

# A resource's body is an object or a list of them.
tf_resources contains {"type": type, "name": name, "body": body} if {
	some type, named in input.resource
	some name, value in named
	some body in tf_list(value)
}

tf_list(value) := value if is_array(value)

tf_list(value) := [value] if is_object(value)

deny contains {"id": "SP-TF-001", "severity": "high", "msg": sprintf("%s.%s can be read by anyone (acl)", [item.type, item.name])} if {
	some item in tf_resources
	item.type in {"aws_s3_bucket", "aws_s3_bucket_acl"}
	item.body.acl in {"public-read", "public-read-write", "authenticated-read"}
}

deny contains {"id": "SP-TF-002", "severity": "high", "msg": sprintf("%s.%s lets the whole internet in", [item.type, item.name])} if {
	some item in tf_resources
	item.type == "aws_security_group"
	some rule in tf_list(item.body.ingress)
	some range in array.concat(object.get(rule, "cidr_blocks", []), object.get(rule, "ipv6_cidr_blocks", []))
	range in {"0.0.0.0/0", "::/0"}
	not tf_web(rule)
}

tf_web(rule) if {
	rule.from_port == rule.to_port
	rule.from_port in {80, 443}
}

deny contains {"id": "SP-TF-003", "severity": "high", "msg": sprintf("%s.%s is reachable from the internet", [item.type, item.name])} if {
	some item in tf_resources
	item.type in {"aws_db_instance", "aws_rds_cluster_instance", "aws_redshift_cluster"}
	item.body.publicly_accessible == true
}

deny contains {"id": "SP-TF-004", "severity": "medium", "msg": sprintf("%s.%s is not encrypted", [item.type, item.name])} if {
	some item in tf_resources
	item.type in {"aws_db_instance", "aws_rds_cluster"}
	object.get(item.body, "storage_encrypted", false) == false
}

deny contains {"id": "SP-TF-005", "severity": "high", "msg": sprintf("%s.%s holds a password in plain text", [item.type, item.name])} if {
	some item in tf_resources
	some field in ["password", "master_password", "secret_string", "admin_password"]
	text := item.body[field]
	is_string(text)
	text != ""
	not contains(text, "${")
}
