FROM debian:12.8-slim
# secplan-expect
ADD https://example.org/tool.tar.gz /opt/
USER 10001
