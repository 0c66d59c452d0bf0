FROM debian:12.8-slim
COPY keys/internal.gpg /etc/apt/keyrings/internal.gpg
RUN apt-get update && apt-get install -y --no-install-recommends internal-tool
USER 10001
