FROM debian:12.8-slim
# secplan-expect
RUN apt-get update && apt-get install -y --allow-unauthenticated internal-tool
USER 10001

FROM fedora:41
# secplan-expect
RUN dnf install -y --nogpgcheck internal-tool
USER 10001
