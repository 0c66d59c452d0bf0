FROM debian:12.8-slim
# secplan-expect
RUN curl -fsSL https://get.example.org/install.sh | sh
RUN apt-get update \
    # secplan-expect
    && wget -qO- https://example.org/setup.sh | bash -s -- --yes
USER 10001
