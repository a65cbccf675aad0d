import time
import pytest
from tests.web.looking import *
from tests.cast import write_cast
from allauth.mfa.models import Authenticator
from django.conf import settings
pytestmark=pytest.mark.django_db(transaction=True)
def test_shots(live_server, new_context, axe_source):
    c=write_cast()
    from sekisho.workflows.account import issue_token
    from sekisho.access.rights import actor_for_account
    from sekisho.kernel import clock
    from datetime import timedelta
    issue_token(actor_for_account(c.kitagawa.account),label="監視の取り込み",service="alertmanager",expires_at=clock.now()+timedelta(days=90),reads=["incident"],writes=["incident"])
    issue_token(actor_for_account(c.kitagawa.account),label="自分の表計算",account=c.kitagawa.account,expires_at=clock.now()+timedelta(days=90),writes=[])
    for lang in ("ja","en"):
      for theme in ("light","dark"):
        for size in ("desk","phone"):
            ctx=new_context(); 
            anon=watched(ctx.new_page()); ctx.add_cookies([{"name":settings.LANGUAGE_COOKIE_NAME,"value":lang,"url":live_server.url}])
            in_theme(anon,theme)
            if size=="phone": on_phone(anon)
            def shot(page,name,url=None):
                if url: page.goto(live_server.url+url)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=f"/tmp/shots/{name}-{lang}-{theme}-{size}.png",full_page=True)
                v=violations(page,axe_source)
                if v or page.complaints or overflows(page): print(name,lang,theme,size,v,page.complaints,overflows(page))
                page.complaints.clear()
            shot(anon,"login","/accounts/login/")
            anon.fill("#id_login","nishi"); anon.fill("#id_password","wrong"); anon.locator("main button[type=submit]").first.click(); shot(anon,"login-wrong")
            anon.goto(live_server.url+"/accounts/login/"); anon.fill("#id_login","mori"); anon.fill("#id_password",c.password); anon.locator("main button[type=submit]").first.click(); anon.wait_for_url("**/2fa/**"); shot(anon,"second-factor")
            ctx2=new_context()
            p=come_in(ctx2,live_server,c.kitagawa,language=lang); in_theme(p,theme)
            if size=="phone": on_phone(p)
            shot(p,"account","/account/")
            shot(p,"access","/access/")
            shot(p,"access-one",f"/access/{c.aoki.account.pk}/")
            shot(p,"access-new","/access/new/")
            shot(p,"password","/accounts/password/")
            shot(p,"reauth","/accounts/reauthenticate/?next=/account/")
            shot(p,"missing","/nope/"); 
            ctx3=new_context(); q=come_in(ctx3,live_server,c.nishi,language=lang); in_theme(q,theme)
            if size=="phone": on_phone(q)
            q.goto(live_server.url+"/accounts/2fa/totp/activate/")
            q.fill("#id_password",c.password); q.locator("main button[type=submit]").first.click(); q.wait_for_url("**/totp/activate/"); shot(q,"totp")
            shot(q,"passkey","/accounts/2fa/webauthn/add/"); shot(q,"refused","/access/")
            ctx.close();ctx2.close();ctx3.close()
            from sekisho.access.models import FailedSignIn
            FailedSignIn.objects.all().delete()
