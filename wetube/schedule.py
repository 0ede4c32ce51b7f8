"""What workers do by the clock, in seconds; docs/architecture.md says what each task is for."""

from collections.abc import Mapping
from typing import Any

from celery.schedules import crontab

BY_THE_CLOCK: Mapping[str, Mapping[str, Any]] = {
    "take up videos that stalled": {
        "task": "wetube.video.tasks.resume_stalled_videos",
        "schedule": 15.0,
    },
    "share pieces with nodes": {
        "task": "wetube.video.tasks.mind_remote_pieces",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "mind what nodes work on": {
        "task": "wetube.nodes.rounds.mind_jobs",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "see what lists of others say": {
        "task": "wetube.nodes.rounds.refresh_foreign_lists",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "finish uploads whose last word was lost": {
        "task": "wetube.video.rounds.finish_uploads",
        "schedule": 30.0,
    },
    "forget uploads and viewings": {
        "task": "wetube.video.rounds.forget_expired",
        "schedule": 3600.0,
    },
    "send what the outbox holds": {
        "task": "wetube.chain.tasks.pump_outbox",
        "schedule": 4.0,
        "options": {"expires": 8},
    },
    "share gas money": {"task": "wetube.chain.tasks.share_gas_money", "schedule": 600.0},
    "read what the chain did": {
        "task": "wetube.chain.tasks.sync_events",
        "schedule": 4.0,
        "options": {"expires": 8},
    },
    "tie loose ends of payments": {
        "task": "wetube.wire.tasks.tie_loose_ends",
        "schedule": 60.0,
    },
    "roll up charges": {"task": "wetube.cloudcoin.tasks.roll_up", "schedule": 10.0},
    "spread pots of months that are over": {
        "task": "wetube.giving.tasks.spread_pots",
        "schedule": 3600.0,
    },
    "forget viewings noted for pots": {
        "task": "wetube.giving.tasks.forget_viewings",
        "schedule": 3600.0,
    },
    "let this month's keys sign": {"task": "wetube.tokens.tasks.rotate_keys", "schedule": 3600.0},
    "forget quotes nobody paid": {"task": "wetube.tokens.tasks.forget_quotes", "schedule": 3600.0},
    "fetch what is to be pinned": {
        "task": "wetube.pinning.tasks.gather_due_pins",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "let go of pins taken back": {
        "task": "wetube.pinning.tasks.let_go_of_lost_pins",
        "schedule": 3600.0,
    },
    "list blocks of what is open": {
        "task": "wetube.content.tasks.list_open_blocks",
        "schedule": 15.0,
    },
    "notice what operators should know": {
        "task": "wetube.nodes.tasks.notice_alarms",
        "schedule": 60.0,
    },
    "send alarms that wait": {"task": "wetube.nodes.telling.send_due_alarms", "schedule": 30.0},
    "free blocks nobody keeps": {"task": "wetube.content.tasks.free_blocks", "schedule": 3600.0},
    "forget what has expired": {"task": "wetube.people.tasks.forget_expired", "schedule": 3600.0},
    "credit what the chain did": {
        "task": "wetube.settlement.tasks.follow_the_chain",
        "schedule": 4.0,
    },
    "claim of channels": {"task": "wetube.settlement.tasks.claim_channels", "schedule": 60.0},
    "settle claims": {"task": "wetube.settlement.tasks.settle_claims", "schedule": 60.0},
    "sweep deposits": {"task": "wetube.settlement.tasks.sweep_deposits", "schedule": 60.0},
    "count the epoch": {"task": "wetube.settlement.tasks.advance_epoch", "schedule": 60.0},
    "post payout roots again": {"task": "wetube.settlement.tasks.post_again", "schedule": 60.0},
    "push payouts": {"task": "wetube.settlement.tasks.push_payouts", "schedule": 60.0},
    "refund idle channels": {"task": "wetube.settlement.tasks.refund_idle", "schedule": 3600.0},
    "pay out": {"task": "wetube.settlement.tasks.pay_out", "schedule": 30.0},
    "split views among the nodes": {
        "task": "wetube.nodes.tasks.split_views",
        "schedule": 60.0,
    },
    "net debts between nodes": {"task": "wetube.nodes.tasks.net_debts", "schedule": 3600.0},
    "reconcile": {"task": "wetube.settlement.tasks.reconcile", "schedule": crontab(17, 3)},
    "have nodes keep public films": {
        "task": "wetube.video.rounds.spread_films",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "see which nodes are there": {
        "task": "wetube.nodes.tasks.follow_nodes",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "see what nodes keep": {
        "task": "wetube.nodes.tasks.look_at_placements",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "take up leases": {
        "task": "wetube.nodes.tasks.advance_leases",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "ask for proofs": {
        "task": "wetube.nodes.tasks.ask_for_proofs",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "pay for storage": {"task": "wetube.nodes.tasks.pay_for_storage", "schedule": 3600.0},
}
