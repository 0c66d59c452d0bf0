# secplan's own controls for Powerpipe, over the tables of Steampipe's plugin for AWS.
mod "secplan" {
  title = "secplan"
}

benchmark "aws" {
  title    = "What a stranger can reach"
  children = [control.s3_public, control.security_group_open, control.rds_public, control.root_mfa]
}

control "s3_public" {
  title    = "No bucket is public"
  severity = "high"
  sql      = <<-EOQ
    select
      arn as resource,
      case when bucket_policy_is_public and not (block_public_policy and restrict_public_buckets) then 'alarm' else 'ok' end as status,
      name || case when bucket_policy_is_public then ' has a public policy' else ' is not public' end as reason,
      region, account_id
    from aws_s3_bucket
  EOQ
}

control "security_group_open" {
  title    = "No port of administration is open to the internet"
  severity = "high"
  sql      = <<-EOQ
    select
      arn as resource,
      case when cidr_ipv4 = '0.0.0.0/0' and type = 'ingress'
        and (ip_protocol = '-1' or (from_port <= 22 and to_port >= 22) or (from_port <= 3389 and to_port >= 3389))
        then 'alarm' else 'ok' end as status,
      group_id || ' ' || coalesce(cidr_ipv4::text, 'no range') as reason,
      region, account_id
    from aws_vpc_security_group_rule
  EOQ
}

control "rds_public" {
  title    = "No database is reachable from the internet"
  severity = "high"
  sql      = <<-EOQ
    select
      arn as resource,
      case when publicly_accessible then 'alarm' else 'ok' end as status,
      db_instance_identifier || case when publicly_accessible then ' is public' else ' is not public' end as reason,
      region, account_id
    from aws_rds_db_instance
  EOQ
}

control "root_mfa" {
  title    = "The root user has a second factor"
  severity = "critical"
  sql      = <<-EOQ
    select
      'arn:aws:iam::' || account_id || ':root' as resource,
      case when account_mfa_enabled then 'ok' else 'alarm' end as status,
      case when account_mfa_enabled then 'a second factor is set' else 'no second factor is set' end as reason,
      account_id
    from aws_iam_account_summary
  EOQ
}
