# The program alone: static, no shell, not root.
#   docker build -t linkage .
#   docker run --rm -p 127.0.0.1:8080:8080 -v linkage:/data linkage
FROM golang:1.26.8 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# timetzdata: the image has no zone files, and the business day is Shanghai's.
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags "-s -w -X main.release=${VERSION}" \
      -o /out/linkage ./cmd/linkage \
    && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/linkage /linkage
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV LINKAGE_ADDR=:8080 LINKAGE_STORE=sqlite:/data/linkage.db
EXPOSE 8080
VOLUME ["/data"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/linkage", "check"]
ENTRYPOINT ["/linkage"]
CMD ["serve"]
