# Two images from one file: `tool` (the default) is the product, `demo-lms` is the demo LMS and nothing of the product.
# Certificates and the package index are the base image's business.
ARG BASE_IMAGE=python:3.13-slim-trixie

FROM ${BASE_IMAGE} AS packages
COPY requirements.lock /
RUN python -m venv /opt/pip && python -m venv --without-pip /opt/venv \
 && /opt/pip/bin/pip --python /opt/venv/bin/python install \
    --quiet --no-input --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.lock

FROM ${BASE_IMAGE} AS demo-lms
RUN install -d -o 10001 -g 10001 /data
COPY --from=packages /opt/venv /opt/venv
COPY tests/__init__.py /app/tests/
COPY tests/demo_lms /app/tests/demo_lms
RUN python -m compileall -q /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LMS_BIND=0.0.0.0 LMS_DATA_DIR=/data
USER 10001:10001
EXPOSE 8001
CMD ["python", "-m", "tests.demo_lms"]

FROM ${BASE_IMAGE} AS tool
# /data: only for an installation without PostgreSQL; /secrets: see docs/operating.md
RUN install -d -o 10001 -g 10001 /data /secrets
COPY --from=packages /opt/venv /opt/venv
COPY framework /app/framework
COPY workers /app/workers
COPY api /app/api
COPY lti_tool /app/lti_tool
COPY lqf.py /app/
RUN printf '#!/opt/venv/bin/python\nimport lqf\n\nlqf.main()\n' > /usr/local/bin/lqf && chmod 755 /usr/local/bin/lqf \
 && python -m compileall -q /app
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
ENV LQF_BIND=0.0.0.0:8000 LQF_DATA_DIR=/data
USER 10001:10001
EXPOSE 8000
CMD ["lqf", "web"]
