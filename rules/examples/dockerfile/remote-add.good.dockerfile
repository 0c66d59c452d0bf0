FROM debian:12.8-slim
ADD --checksum=sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 https://example.org/tool.tar.gz /opt/
ADD config.tar.gz /etc/app/
USER 10001
