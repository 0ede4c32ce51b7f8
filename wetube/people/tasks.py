"""What a worker does for people: forgetting."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from wetube.people.models import Login, SpentProof


@shared_task
def forget_expired() -> None:
    """Drop sessions that ended by themselves, their rows, and proofs whose challenge is void."""
    now = timezone.now()
    SpentProof.objects.filter(expires__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    Login.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
