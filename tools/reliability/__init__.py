"""What is promised about builds, replicas, logs and streams, put to the test: ``make reliability``."""
