"""Addresses of the network: what nodes ask, and the pages of those who run them."""

from django.urls import path

from wetube.nodes.api import jobs, joining, line, pay
from wetube.nodes.views import alarms, foreign_lists, keeping, metrics, operator, public, refusals

app_name = "nodes"
urlpatterns = [
    path("nodes/v1/gateway", joining.gateway, name="gateway"),
    path("nodes/v1/nodes", joining.nodes, name="register"),
    path("nodes/v1/heartbeat", joining.heartbeat, name="heartbeat"),
    path("nodes/v1/exit", joining.leave, name="leave"),
    path("nodes/v1/line", line.line, name="line"),
    path("nodes/v1/receipts", pay.take_receipts, name="receipts"),
    path("nodes/v1/debts", pay.take_debt, name="debts"),
    path("nodes/v1/jobs/take", jobs.take, name="take_job"),
    path("nodes/v1/jobs/renew", jobs.renew, name="renew_job"),
    path("nodes/v1/jobs/return", jobs.give_back, name="return_job"),
    path("nodes/v1/jobs/give-up", jobs.give_up, name="give_up_job"),
    path("kept/<str:key>/", keeping.kept, name="kept"),
    path("nodes/", public.nodes, name="nodes"),
    path("node/", operator.home, name="home"),
    path("node/set-up/", operator.set_up, name="set_up"),
    path("node/set-up/token/", operator.new_token, name="new_token"),
    path("node/set-up/token/revoke/", operator.forget_token, name="forget_token"),
    path("node/alarms/", alarms.alarms, name="alarms"),
    path("node/alarms/mail/", alarms.add_mail, name="mail_alarms"),
    path("node/alarms/webhook/", alarms.add_webhook, name="call_alarms"),
    path("node/alarms/test/", alarms.test, name="test_alarms"),
    path("node/alarms/<str:key>/confirm/", alarms.confirm, name="confirm_alarms"),
    path("node/alarms/<str:key>/remove/", alarms.remove, name="remove_alarms"),
    path("refused/", refusals.log, name="refused"),
    path("refused/list", refusals.published, name="refused_list"),
    path("refused/list.deny", refusals.denylist, name="refused_denylist"),
    path("refused/lists/", foreign_lists.take_over, name="take_over_list"),
    path("refused/lists/<str:key>/stop/", foreign_lists.stop, name="stop_list"),
    path("refused/allowed/", foreign_lists.allow, name="allow"),
    path("refused/allowed/<int:pk>/end/", foreign_lists.allow_no_more, name="allow_no_more"),
    path("refused/<str:key>/", refusals.refusal, name="refusal"),
    path("refused/<str:key>/lift/", refusals.lift, name="lift_refusal"),
    path("refused/<str:key>/answer/<str:appeal>/", refusals.answer, name="answer_appeal"),
    path("node/refusals/", refusals.own, name="own_refusals"),
    path("node/refusals/list", refusals.own_published, name="own_refused_list"),
    path("node/refusals/<str:key>/lift/", refusals.own_lift, name="lift_own_refusal"),
    path("node/metrics", metrics.metrics, name="metrics"),
    path("node/<str:key>/", operator.node, name="node"),
    path("node/<str:key>/leave/", operator.leave, name="leave_with"),
]
