#trivy:ignore:AWS-0087
resource "aws_s3_bucket" "b" {
  bucket = "b"
}
