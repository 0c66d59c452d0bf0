FROM debian:12.8-slim
RUN useradd --uid 10001 app
USER root
RUN touch /etc/ready
USER 10001
CMD ["/usr/bin/service"]
