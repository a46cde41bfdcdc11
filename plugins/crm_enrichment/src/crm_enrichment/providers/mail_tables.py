"""Email domains that say nothing about an employer, mailboxes of roles, and joint suffixes."""

from __future__ import annotations

#: Where anybody gets a mailbox: providers of mail, and of lines to homes.
FREE_MAIL = frozenset(
    """
    126.com 139.com 163.com 189.cn 1und1.de a1.net abv.bg aim.com alice-dsl.net alice.it
    aliceadsl.fr aliyun.com aol.co.uk aol.com aol.de aol.fr aon.at arcor.de arnet.com.ar
    atlas.cz att.net autistici.org azet.sk bbox.fr bell.net bellsouth.net biglobe.ne.jp
    bigmir.net bigpond.com bigpond.net.au bk.ru bluewin.ch blueyonder.co.uk bol.com.br
    bredband.net btinternet.com btopenworld.com casema.nl cegetel.net centrum.cz centrum.sk
    centurylink.net charter.net chello.at chello.nl citromail.hu clix.pt club-internet.fr
    comcast.net comhem.se consultant.com countermail.com cox.net ctemplar.com daum.net dir.bg
    disroot.org docomo.ne.jp duck.com earthlink.net eircom.net elisanet.fi email.com email.cz
    email.de email.it embarqmail.com engineer.com europe.com euskaltel.net ewetel.net
    ezweb.ne.jp fastmail.com fastmail.fm fastwebnet.it fibertel.com.ar foxmail.com free.fr
    freemail.hu freenet.de frontier.com gazeta.pl getmail.no globo.com globomail.com gmail.com
    gmx.at gmx.ch gmx.co.uk gmx.com gmx.de gmx.es gmx.fr gmx.it gmx.net gmx.org gmx.us
    googlemail.com hanmail.net hetnet.nl hey.com hispeed.ch home.nl hot.ee hotmail.be hotmail.ch
    hotmail.co.uk hotmail.com hotmail.com.ar hotmail.com.br hotmail.com.mx hotmail.de hotmail.dk
    hotmail.es hotmail.fr hotmail.it hotmail.nl hotmail.no hotmail.se hush.com hushmail.com
    i.softbank.jp i.ua icloud.com ig.com.br iinet.net.au in.gr inbox.lt inbox.lv inbox.ru
    indiatimes.com inode.at interia.eu interia.pl internet.ru inwind.it iol.it iol.pt jubii.dk
    juno.com kabelmail.de kabsi.at keemail.me kolabnow.com kolumbus.fi kpnmail.nl laposte.net
    libero.it list.ru live.be live.ca live.co.uk live.com live.com.au live.de live.dk live.fr
    live.it live.nl live.no live.se luukku.com mac.com magenta.de mail.bg mail.com mail.de
    mail.dk mail.ee mail.gr mail.ru mailbox.org mailfence.com me.com meta.ua mindspring.com
    movistar.es msn.com mweb.co.za myyahoo.com nate.com naver.com netcabo.pt netcologne.de
    netzero.net neuf.fr nifty.com ntlworld.com numericable.fr o2.co.uk o2.pl o2mail.de
    o2online.de oi.com.br one.lv onet.eu onet.pl online.de online.no onlinehome.de ono.com op.pl
    optonline.net optusnet.com.au orange.es orange.fr otenet.gr outlook.com outlook.com.br
    outlook.de outlook.es outlook.fr outlook.it outlook.jp ozemail.com.au passport.com planet.nl
    plus.com plusnet.com pm.me poczta.fm post.com post.cz poste.it posteo.de posteo.eu
    posteo.net posteo.org pp.inet.fi prodigy.net.mx proton.me protonmail.ch protonmail.com
    proximus.be q.com qq.com quicknet.nl r7.com rambler.ru rediff.com rediffmail.com riseup.net
    roadrunner.com rocketmail.com rogers.com rr.com runbox.com sapo.pt sbcglobal.net scarlet.be
    seznam.cz sfr.fr shaw.ca sify.com sina.cn sina.com sky.com skynet.be softbank.ne.jp sohu.com
    soverin.net speedy.com.ar spray.se startmail.com stofanet.dk sunrise.ch suomi24.fi
    swissonline.ch sympatico.ca t-online.de t-online.hu talktalk.net tdcadsl.dk tele2.se
    telefonica.net telenet.be teletu.it telia.com telkomsa.net telus.net terra.com.br terra.es
    tim.it tin.it tiscali.co.uk tiscali.it tlen.pl tpg.com.au tuta.com tuta.io tutamail.com
    tutanota.com tutanota.de ukr.net unitybox.de uol.com.br upcmail.nl usa.com utanet.at
    verizon.net versanet.de videotron.ca virgilio.it virginmedia.com vodafone.de vodafone.it
    vodamail.co.za voila.fr volny.cz vp.pl walla.co.il walla.com wanadoo.fr web.de
    windstream.net wp.pl wxs.nl xs4all.nl xtra.co.nz ya.com ya.ru yahoo.ca yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.mx
    yahoo.de yahoo.dk yahoo.es yahoo.fr yahoo.gr yahoo.ie yahoo.in yahoo.it yahoo.no yahoo.pl
    yahoo.ro yahoo.se yandex.com yandex.ru yeah.net ymail.com ziggo.nl zoho.com zohomail.com
    zohomail.eu zoznam.sk
    """.split()
)
#: Where mailboxes live for minutes.
DISPOSABLE = frozenset(
    """
    0-mail.com 10mail.org 10minutemail.com 10minutemail.net 1secmail.com 1secmail.net
    1secmail.org 20minutemail.com 33mail.com anonbox.net anonymbox.com antispam24.de armyspy.com
    bccto.me bugmenot.com burnermail.io byom.de chacuo.net cuvox.de dayrep.com deadaddress.com
    despam.it discard.email discardmail.com discardmail.de dispostable.com dodgit.com
    dropmail.me e4ward.com einrot.com eintagsmail.de email-fake.com emailfake.com
    emailondeck.com emailsensei.com emailtemporario.com.br ephemail.net fakeinbox.com
    fakemail.net fakemailgenerator.com fleckens.hu fudgerub.com getairmail.com getnada.com
    getonemail.com gishpuppy.com grr.la guerrillamail.biz guerrillamail.com guerrillamail.de
    guerrillamail.info guerrillamail.net guerrillamail.org guerrillamailblock.com gustr.com
    harakirimail.com hmamail.com inboxalias.com inboxbear.com inboxkitten.com incognitomail.com
    incognitomail.org instantemailaddress.com jetable.org jourrapide.com kasmail.com
    kurzepost.de linshiyouxiang.net mail-temp.com mail-temporaire.fr mailcatch.com maildrop.cc
    maileater.com mailexpire.com mailforspam.com mailinator.com mailinator.net mailinator.org
    mailmetrash.com mailmoat.com mailnator.com mailnesia.com mailnull.com mailpoof.com
    mailsac.com mailtemp.info mailtothis.com meltmail.com mintemail.com moakt.cc moakt.com
    mohmal.com mt2015.com mvrht.com mytemp.email mytrashmail.com nada.email no-spam.ws
    nomail.xl.cx nospamfor.us nowmymail.com objectmail.com one-time.email onetimeemail.org
    owlymail.com pokemail.net proxymail.eu rcpt.at rhyta.com rmqkr.net rtrtr.com sharklasers.com
    shortmail.net slopsbox.com smailpro.com sogetthis.com spam4.me spamavert.com spambog.com
    spambog.de spambox.us spamcero.com spamdecoy.net spamex.com spamfree24.org spamgourmet.com
    spamherelots.com spamhole.com spamify.com spaml.de spammotel.com spamobox.com spamspot.com
    superrito.com suremail.info teleworm.us temp-mail.io temp-mail.org temp-mail.ru tempail.com
    tempe-mail.com tempemail.co tempemail.net tempinbox.com tempmail.de tempmail.dev tempmail.eu
    tempmail.net tempmail.plus tempmailaddress.com tempmailo.com tempomail.fr temporaryemail.net
    temporaryinbox.com thankyou2010.com throwam.com throwawaymail.com tmail.ws tmailor.com
    tmpmail.net tmpmail.org trash-mail.at trash-mail.com trash-mail.de trashmail.at
    trashmail.com trashmail.de trashmail.me trashmail.net trashmail.org trashymail.com trbvm.com
    wegwerfemail.de wegwerfemail.net wegwerfmail.de wegwerfmail.net wegwerfmail.org wh4f.org
    yopmail.com yopmail.fr yopmail.net zetmail.com zippymail.info zoemail.net
    """.split()
)
#: Mailboxes of a role: what stands before the @.
ROLES = frozenset(
    """
    abuse accounting accounts admin administracion administration administrator amministrazione
    anfrage anfragen anmeldung apply assistance ausbildung bestellung bestellungen bewerbung
    billing booking bookings buchhaltung buchung buero bureau candidature career careers
    comercial commercial commerciale communication compliance compras comptabilite contabilidad
    contabilita contact contacto contato contatti contatto customercare customerservice
    datenschutz delivery dev devops direccion direction direzione dpo editor einkauf email
    empfang empleo enquiries enquiry events facturacion facturation facture fatture feedback
    finance finanzen founders ftp gdpr general geschaeftsfuehrung hello help helpdesk hey hi
    hola hostmaster hr info informacion informacoes information informazioni infos inquiries
    inquiry investor investors invoice invoices it jobs karriere kontakt kontor kundenservice
    kundservice lavoro legal list lists logistik mail mailbox mailer-daemon marketing media
    newsletter no-reply noc noreply office oficina order orders ordini partner partners payments
    pedidos personal post postbox postmaster poststelle praxis prensa press presse privacy
    procurement productie protection purchasing qa recepcion receptie reception rechnung
    rechnungen recht recruiting recruitment redaktion rekrutierung reservation reservations
    reservierung return rh root rrhh sac sales salg secretaria secretariat secretary security
    segreteria sekretariat service services servicio shop soporte spam sponsor studio subscribe
    suggestions suporte support team tech technik ticket tickets undisclosed unsubscribe usenet
    uucp vendas vendite ventas verkauf verkoop vertrieb verwaltung web webadmin webmaster
    webshop welcome workshop www zentrale
    """.split()
)
#: Suffixes of two labels, under which organisations register their names.
JOINT_SUFFIXES = frozenset(
    """
    ac.at ac.id ac.il ac.in ac.jp ac.kr ac.nz ac.th ac.uk ac.za asn.au co.at co.bw co.cr co.hu
    co.id co.il co.in co.it co.jp co.ke co.kr co.ma co.mz co.nz co.rs co.th co.tz co.ug co.uk
    co.ve co.za co.zm co.zw com.ar com.au com.bd com.bo com.br com.cn com.co com.cy com.do
    com.ec com.eg com.es com.gh com.gr com.gt com.hk com.hr com.kw com.lb com.mk com.mt com.mx
    com.my com.ng com.ni com.np com.pa com.pe com.ph com.pk com.pl com.pt com.py com.qa com.ro
    com.sa com.sg com.sv com.tr com.tw com.ua com.uy com.ve com.vn edu.au edu.br edu.cn edu.co
    edu.hk edu.in edu.mx edu.my edu.pe edu.pl edu.sg edu.tr edu.tw edu.vn firm.in gen.tr go.jp
    go.kr go.th gob.ar gob.es gob.mx gob.pe gouv.fr gov.au gov.br gov.cn gov.co gov.gr gov.hk
    gov.ie gov.il gov.in gov.it gov.my gov.pl gov.pt gov.sg gov.tr gov.tw gov.uk gov.za gv.at
    in.th ind.br info.pl lg.jp ltd.uk me.uk med.br mil.br ne.jp net.ar net.au net.br net.cn
    net.in net.nz net.pl net.tr net.uk nhs.uk nom.br nom.co nom.es or.at or.id or.jp or.kr or.th
    org.ar org.au org.br org.cn org.es org.hk org.il org.in org.mx org.my org.nz org.pl org.sg
    org.tr org.tw org.uk org.za plc.uk police.uk sch.uk school.nz tm.fr web.za
    """.split()
)
