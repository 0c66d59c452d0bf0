FROM debian:12.8-slim
# secplan-expect
EXPOSE 22
# secplan-expect
EXPOSE 8080 23/tcp
USER 10001
