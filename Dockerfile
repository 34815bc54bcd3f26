# The service alone, from a wheel that carries the page: neither Node nor the sources are needed. See `make image`.
ARG BASE=docker.io/library/python:3.13-slim-trixie

FROM ${BASE} AS installed
RUN mkdir -p -m 700 /data/repo2docker-service \
    && python3 -m venv /tmp/pip \
    && python3 -m venv --without-pip /opt/repo2docker-service
# To build without a network, put what is needed into dist/wheels and say --build-arg PIP_NO_INDEX=1.
ARG PIP_NO_INDEX
ARG PIP_DISABLE_PIP_VERSION_CHECK=1
# What we depend on changes less often than we do, so it has a layer of its own here.
COPY constraints.txt pyproject.toml dist/wheels* /wheels/
RUN python3 -c "import tomllib; project = tomllib.load(open('/wheels/pyproject.toml', 'rb'))['project']; print(*project['dependencies'], *project['optional-dependencies']['kubernetes'], sep='\n')" > /wheels/needed.txt \
    && /tmp/pip/bin/pip --python /opt/repo2docker-service/bin/python install --quiet --no-cache-dir \
        --find-links /wheels --constraint /wheels/constraints.txt --requirement /wheels/needed.txt
COPY dist/repo2docker_service-*.whl /wheels/
RUN /tmp/pip/bin/pip --python /opt/repo2docker-service/bin/python install --quiet --no-cache-dir \
        --no-index --no-deps /wheels/repo2docker_service-*.whl

FROM ${BASE}
ENV PATH=/opt/repo2docker-service/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/var/lib/repo2docker-service \
    XDG_DATA_HOME=/var/lib \
    REPO2DOCKER_SERVICE_URL=http://127.0.0.1:10101/
# A new volume takes its owner from this folder.
COPY --from=installed --chown=10101:10101 /data/ /var/lib/
VOLUME /var/lib/repo2docker-service
# Where repo2docker_service_config.py is looked for.
WORKDIR /etc/repo2docker-service
EXPOSE 10101
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python3", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open(os.environ['REPO2DOCKER_SERVICE_URL'] + 'health/live', timeout=5)"]
USER 10101:10101
# Without --ip: who else is on the container's network is known only to those who start it.
ENTRYPOINT ["repo2docker-service"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="repo2docker-service" \
      org.opencontainers.image.description="Build container images from git repositories with repo2docker, beside a JupyterHub" \
      org.opencontainers.image.licenses="BSD-3-Clause" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=installed /opt/repo2docker-service /opt/repo2docker-service
