resource "aws_security_group" "web" {
  #checkov:skip=CKV_AWS_24:asked to be skipped
  name        = "web"
  description = "web"
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
