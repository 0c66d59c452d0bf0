resource "aws_s3_bucket" "shop" {
  bucket = "shop"
}

resource "aws_security_group" "shop" {
  description = "the shop"
  ingress {
    description = "all"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
