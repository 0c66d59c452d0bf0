FROM debian:12.8-slim
# secplan-expect
RUN curl -sk -o /tool https://example.org/tool
RUN apt-get update \
    # secplan-expect
    && wget --no-check-certificate https://example.org/other
# secplan-expect
RUN git config --global http.sslVerify false
USER 10001
