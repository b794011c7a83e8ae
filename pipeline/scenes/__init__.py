"""Drawn, harmless stand-in scenes with exact truth, for tests, the demo and the tiny models."""

from .catalogue import scene_concepts, scene_contexts
from .model import Scene, SceneObject, Split
from .scene import make_scene
from .sheet import contact_sheet
from .write import write_scenes

__all__ = [
    "Scene",
    "SceneObject",
    "Split",
    "contact_sheet",
    "make_scene",
    "scene_concepts",
    "scene_contexts",
    "write_scenes",
]
