# A stand-in for the image apache/kafka where no registry can be reached: the same broker, configured by
# the same variables. The image of the commands has all it needs, as Nexus can embed a broker.
ARG CLI_IMAGE
FROM ${CLI_IMAGE}
USER root
COPY run /etc/kafka/docker/run
COPY logback.xml /opt/kafka/logback.xml
RUN groupadd --system --gid 1000 appuser \
  && useradd --system --uid 1000 --gid appuser --no-create-home appuser \
  && install -d -o appuser -g appuser /var/lib/kafka/data
USER appuser
EXPOSE 9092
ENTRYPOINT []
CMD ["/etc/kafka/docker/run"]
