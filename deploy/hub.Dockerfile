# A Hub that knows the service: its `configure` and its spawner, beside the official image's Hub and proxy.
ARG BASE=quay.io/jupyterhub/jupyterhub:6.1.1
FROM ${BASE}
COPY constraints.txt dist/repo2docker_service-*.whl /wheels/
RUN python3 -m pip install --no-cache-dir --constraint /wheels/constraints.txt \
        dockerspawner /wheels/repo2docker_service-*.whl
