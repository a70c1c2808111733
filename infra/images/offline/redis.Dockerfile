# A stand-in for the image redis where no registry can be reached: Debian's server.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}
RUN groupadd --system --gid 999 redis \
  && useradd --system --uid 999 --gid redis --no-create-home redis \
  && install -d -o redis -g redis /data \
  && apt-get update && apt-get install -y --no-install-recommends redis-server \
  && rm -rf /var/lib/apt/lists/*
USER redis
WORKDIR /data
EXPOSE 6379
CMD ["redis-server", "--protected-mode", "no"]
