FROM debian:12.8-slim
# secplan-expect
RUN echo "app ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/app
USER app
