"""What runs inside the builder and pusher containers: standard library only, put there as one zip file.

Nothing here may depend on a distribution's userland: the official repo2docker image is Alpine with BusyBox.
"""
