FROM debian:12.8-slim
RUN useradd --uid 10001 app
USER app
RUN touch /tmp/ready
# secplan-expect
USER root
CMD ["/usr/bin/service"]
