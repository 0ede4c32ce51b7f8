"""The app's registration with Django; epochs, receipts and the nightly check ask it of work."""

from django.apps import AppConfig


class NodesConfig(AppConfig):
    name = "wetube.nodes"

    def ready(self) -> None:
        from wetube.cloudcoin import charges  # noqa: PLC0415 - models are ready only now
        from wetube.content import far  # noqa: PLC0415
        from wetube.nodes import debts, earnings_hold, served, work  # noqa: PLC0415
        from wetube.nodes.finding import LeaseFinder  # noqa: PLC0415
        from wetube.people import farewell  # noqa: PLC0415
        from wetube.settlement import reconciling, serving  # noqa: PLC0415

        reconciling.watch("I13", earnings_hold.earnings_are_journals)
        reconciling.watch("I13", earnings_hold.views_are_split_to_the_drop)
        far.look_with(LeaseFinder())
        serving.BY, serving.IS_KNOWN = work.by_nodes, work.is_known
        charges.SERVED = served.of
        farewell.before_leaving(debts.settle_all_of)
