"""Examples for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

COMMIT: Final = "6e7d6ca1f2f1c5d4a1b2e8bb5c4f0b1a3d2e9f70"
BUILD: Final[dict[str, Any]] = {
    "id": "0123456789abcdef0123456789abcdef",
    "state": "building",
    "progress": {"step": 3, "steps": 9},
    "repo": "https://github.com/binder-examples/requirements",
    "ref": "HEAD",
    "commit": COMMIT,
    "subdir": "",
    "image": f"localhost/r2d/github.com--binder-examples--requirements:{COMMIT}",
    "owner": "user:ada",
    "requested_by": "user:ada",
    "private": False,
    "build_args": [],
    "title": "",
    "description": "",
    "created_at": "2026-01-31T12:00:00Z",
    "started_at": "2026-01-31T12:00:01Z",
    "reused": False,
    "joined": False,
}
WISHES: Final[list[Any]] = [{"repo": BUILD["repo"], "ref": "HEAD"}, {"repo": BUILD["repo"], "subdir": "docs"}]
IMAGE: Final[dict[str, Any]] = {
    "id": "0123456789abcdef01234567",
    "name": BUILD["image"],
    "digest": f"sha256:{'ab' * 32}",
    "created_at": "2026-01-31T12:04:00Z",
    "size": 812345678,
    "title": "Requirements",
    "description": "",
    "repo": BUILD["repo"],
    "ref": "HEAD",
    "commit": COMMIT,
    "subdir": "",
    "owner": "user:ada",
    "requested_by": "user:ada",
    "private": False,
    "outdated": "",
    "launchable": True,
    "launch_reference": f"sha256:{'cd' * 32}",
    "build_id": BUILD["id"],
    "build_args": [],
    "featured": True,
    "default": False,
    "protected": False,
    "profile": "small",
}
SOURCE: Final[dict[str, Any]] = {
    "repo": BUILD["repo"],
    "ref": "HEAD",
    "resolved_ref": "refs/heads/master",
    "commit": COMMIT,
    "subdir": "",
    "private": False,
    "refs": [{"name": "master", "kind": "branch", "commit": COMMIT}],
    "image": None,
    "estimated_seconds": 180.0,
}
ME: Final[dict[str, Any]] = {
    "name": "ada",
    "kind": "user",
    "owner": "user:ada",
    "groups": ["builders"],
    "owners": ["user:ada", "group:builders"],
    "permissions": ["builds:read", "builds:create"],
    "admin": False,
    "login": "/services/repo2docker/login",
    "home": "/hub/home",
    "limits": {"builds": 4, "images": 50},
}
INFO: Final[dict[str, Any]] = {
    "version": "0.1.0",
    "capabilities": {"credentials": True, "servers": True, "named_servers": True, "force": True},
    "profiles": [
        {
            "slug": "small",
            "title": "Small",
            "description": "Enough for most.",
            "cpu": 1.0,
            "memory": 2147483648,
            "node_selector": {},
        }
    ],
    "limits": {"repo": 2048, "page": 200},
    "after_delete": "",
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "urn:repo2docker-service:ref-not-found",
    "title": "Ref not found",
    "status": 422,
    "detail": "There is no ref maim. Did you mean main?",
    "errors": [{"field": "ref", "problem": "There is no ref maim.", "near": ["main"]}],
}
