"""The app's registration with Django: epochs ask who served, the nightly check who was paid."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    name = "wetube.nodes"

    def ready(self) -> None:
        from wetube.content import far  # noqa: PLC0415 - models are ready only now
        from wetube.nodes import earnings_hold, work  # noqa: PLC0415
        from wetube.nodes.finding import LeaseFinder  # noqa: PLC0415
        from wetube.settlement import reconciling, serving  # noqa: PLC0415

        reconciling.watch("I13", earnings_hold.earnings_are_journals)
        reconciling.watch("I13", earnings_hold.views_are_split_to_the_drop)
        far.look_with(LeaseFinder())
        serving.BY, serving.IS_KNOWN = work.by_nodes, work.is_known
