"""Words by which titles, organisations and departments are known, in a dozen languages."""

from __future__ import annotations

import re

_TITLE_WORDS = """
manager director head officer president chair chairman chairwoman chairperson founder cofounder
co-founder owner partner principal executive engineer developer architect designer analyst
consultant
adviser advisor specialist coordinator administrator assistant associate supervisor superintendent
lead leader scientist researcher professor lecturer teacher counselor counsellor librarian nurse
physician doctor surgeon therapist lawyer attorney solicitor barrister counsel paralegal notary
accountant auditor controller treasurer secretary clerk agent broker buyer planner producer editor
editor-in-chief writer journalist reporter translator interpreter photographer illustrator artist
sommelier chef baker plumber electrician technician mechanic agronomist biologist chemist geologist
physicist economist statistician pharmacist psychologist dentist veterinarian trainer coach worker
representative rep recruiter strategist evangelist fellow intern trainee apprentice student dean
provost curator captain pilot commander sergeant minister mayor ambassador delegate trustee governor
ceo cto cfo coo cio cmo cpo cso ciso cro chro vp svp evp md gm pm freelancer entrepreneur
geschäftsführer geschäftsführerin geschäftsführender vorstand vorstandsvorsitzender prokurist
prokuristin leiter leiterin leitung referent referentin assistenz sekretär sekretärin sachbearbeiter
sachbearbeiterin berater beraterin inhaber inhaberin gesellschafter gesellschafterin rechtsanwalt
rechtsanwältin steuerberater steuerberaterin notar notarin arzt ärztin ingenieur ingenieurin
entwickler entwicklerin redakteur redakteurin lektor lektorin dozent dozentin hausmeister bauleiter
disponent disponentin kaufmann kauffrau einkäufer einkäuferin verkäufer verkäuferin meister
bürgermeister bürgermeisterin architektin justiziar syndikus werkstudent praktikant auszubildende
directeur directrice responsable gérant gérante président présidente chargé chargée ingénieur
ingénieure technicien technicienne développeur développeuse avocat avocate notaire comptable adjoint
adjointe assistante conseiller conseillère commercial commerciale consultante rédacteur rédactrice
professeur professeure maître enseignant infirmier infirmière médecin pharmacien architecte associée
fondateur fondatrice pdg dg drh daf gestionnaire acheteur acheteuse cadre
directora gerente jefe jefa responsables ingeniero ingeniera arquitecto arquitecta abogado abogada
consultor consultora coordinador coordinadora encargado encargada asesor asesora presidente
presidenta
socio socia fundador fundadora técnico técnica médico médica profesor profesora analista contable
secretario secretaria comercial administrativo administrativa desarrollador
direttore direttrice responsabile amministratore amministratrice ingegnere avvocato avvocata
architetto
consulente addetto addetta titolare socio fondatore impiegato impiegata tecnico medico dottore
professore capo coordinatore coordinatrice segretaria ragioniere
diretor diretora gestor gestora engenheiro engenheira advogado advogada sócio
hoofd adviseur adviseuse medewerker medewerkster projectleider accountmanager bestuurder eigenaar
zaakvoerder teamleider ontwikkelaar directeur-generaal
chefin försäljningschef ekonomiansvarig ansvarig ingenjör konsult säljare projektledare vd
salgschef direktør konsulent projektleder medarbejder daglig toimitusjohtaja johtaja päällikkö
kierownik dyrektor prezes specjalista inżynier właściciel ředitel ředitelka vedoucí jednatel
obchodní müdürü müdür mühendis uzmanı
"""
_TITLES = frozenset(_TITLE_WORDS.split())
_TITLE_END = re.compile(
    r".{2,}(?:manager(?:in)?|leiter(?:in)?|direktor(?:in)?|ingenieur(?:in)?|berater(?:in)?|entwickler(?:in)?"
    r"|referent(?:in)?|assistent(?:in)?|inhaber(?:in)?|meister(?:in)?|anwalt|anwältin|ärztin|führer(?:in)?"
    r"|redakteur(?:in)?|architekt(?:in)?|beauftragter?|vorsitzender?|sprecher(?:in)?|chef|ansvarig|leider"
    r"|directeur|ledare|leder)"
)
_TITLE_PREFIX = re.compile(
    r"(?:vice|deputy|senior|sr\.?|junior|jr\.?|chief|head of|stellvertretender?|chef de"
    r"|maître de)\b",
    re.IGNORECASE,
)
JAPANESE_TITLES = (
    "代表取締役社長|代表取締役|取締役|社長|副社長|専務|常務|会長|本部長|事業部長|部長|次長|課長|係長|主任|主査|室長|所長"
    "|店長|工場長|院長|理事長|理事|教授|准教授|講師|弁護士|税理士|医師|マネージャー|ディレクター|エンジニア"
    "|デザイナー|コンサルタント|プロデューサー"
)
_LEGAL = re.compile(
    r"(?:^|[\s,])(?:gmbh(?: ?& ?co\.? ?kg)?|ag|kg|ohg|gbr|ug|se|eg|e\.? ?v\.?|e\.? ?k\.?|kgaa|mbh"
    r"|ltd\.?|limited"
    r"|llc|l\.l\.c\.|llp|inc\.?|corp\.?|corporation|plc|p\.l\.c\.|co\.|pty|pvt|s\.?a\.?|s\.?a\.?s\.?|sasu|s\.?a\.?r\.?l\.?"
    r"|eurl|sci|s\.?l\.?u?\.?|s\.?p\.?a\.?|s\.?r\.?l\.?s?|s\.a\. de c\.v\.|ltda\.?|lda\.?|b\.?v\.?"
    r"|n\.?v\.?|ab|oy|oyj"
    r"|a/s|aps|asa|a\.?ş\.?|sp\. ?z ?o\.? ?o\.?|s\.?r\.?o\.?|a\.s\.|kft\.?|d\.o\.o\.|k\.k\.)\.?$",
    re.IGNORECASE,
)
_JAPANESE_COMPANY = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|財団法人|社団法人|大学|病院|銀行"
)
_ORGANISATION_WORDS = """
university college institute institut school academy hospital clinic bank foundation trust ministry
department-of-state council agency association society museum gallery library studio studios press
chronicle magazine times gazette news group holding holdings partners capital ventures labs
laboratories
systems solutions technologies technology software consulting consultancy advisory logistics freight
energy utilities insurance pharma foods textiles media pictures productions publishing chambers
solicitors cooperative coop centre center district church theatre theater players hotel restaurant
trattoria bakery plumbing construction company corporation enterprises industries international
networks
analytics insights robotics airlines
universität hochschule fakultät-universität grundschule gymnasium klinik klinikum krankenhaus praxis
kanzlei steuerkanzlei verlag stiftung stadtwerke sparkasse volksbank bäckerei metzgerei gemeinde
stadt
landkreis bundesamt ministerium verband verein genossenschaft büro kreativbüro ingenieurbüro
yachthafen apotheke werke
université banque cabinet agence groupe mairie ministère hôpital fondation école lycée musée
ateliers
transports électricité mécanique société
universidad banco bufete estudio fundación ayuntamiento ministerio colegio museo transportes
università banca ospedale fondazione comune ministero officine costruzioni ceramiche
universiteit ziekenhuis stichting gemeente
construtora
"""
_ORGANISATIONS = frozenset(_ORGANISATION_WORDS.split())
_DEPARTMENT = re.compile(
    r"(?:department|dept\.?|division|faculty|school|office|bureau|section|unit|team|group) (?:of"
    r"|for) .+"
    r"|.+ (?:department|dept\.?|division|team|unit|section|office|desk|squad|research group)"
    r"|(?:abteilung|abt\.|fachbereich|referat|dezernat|stabsstelle|lehrstuhl|fakultät|institut für"
    r"|team"
    r"|bereich|sachgebiet) .+|.+abteilung"
    r"|(?:service|direction|département|pôle|division|faculté|bureau|unité) (?!manager|engineer"
    r"|desk).+"
    r"|(?:departamento|dirección|área|facultad|servicio|unidad) (?:de )?.+"
    r"|(?:ufficio|dipartimento|divisione|reparto|facoltà|area) .+|(?:afdeling|dienst|faculteit"
    r"|team) .+"
    r"|(?:departamento|direção|setor) .+|(?:avdelning|avdelningen för|afdelingen for) .+",
    re.IGNORECASE,
)
_CALLED_SO = re.compile(
    r"(?:department|dept\.?|faculty|division) of|(?:abteilung|abt\.|fakultät|département"
    r"|departamento"
    r"|ufficio|dipartimento|reparto|afdeling|avdelning)\s",
    re.IGNORECASE,
)
_FUNCTIONS = """
human resources|hr|sales|marketing|finance|accounting|legal|legal & compliance|compliance|purchasing
|procurement|operations|engineering|research and development|research & development|r&d|it
|customer service
|customer support|public relations|communications|logistics|quality assurance|business development
|vertrieb|einkauf|personal|personalabteilung|buchhaltung|rechnungswesen|controlling|entwicklung|forschung
|forschung und entwicklung|kundendienst|kundenservice|vertrieb innendienst|recht|ressources humaines
|comptabilité|achats|ventes|recursos humanos|ventas|compras|finanzas|risorse umane|acquisti|vendite
|amministrazione|inkoop|verkoop|personeelszaken
"""
_FUNCTION = re.compile(
    rf"(?:{_FUNCTIONS.replace(chr(10), '')})(?: (?:süd|nord|ost|west|emea|dach|apac|europe))?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'’./&-]*", re.UNICODE)


def is_function(text: str) -> bool:
    """Whether a text names a field of work that has a department in many organisations."""
    return _FUNCTION.fullmatch(text) is not None


def names_a_department(text: str) -> bool:
    """Whether a text begins with a word that only parts of organisations are called by."""
    return _CALLED_SO.match(text) is not None


def is_department(text: str) -> bool:
    """Whether a text names a part of an organisation."""
    return is_function(text) or _DEPARTMENT.fullmatch(text) is not None


def has_title_word(text: str) -> bool:
    """Whether a text holds a word by which people call their work."""
    words = [word.casefold().rstrip(".") for word in _WORD.findall(text)]
    return any(word in _TITLES or _TITLE_END.fullmatch(word) for word in words) or bool(
        _TITLE_PREFIX.match(text)
    )


def has_legal_form(text: str) -> bool:
    """Whether a text ends like the full name of a company, or begins like one in Japan."""
    return bool(_LEGAL.search(text) or _JAPANESE_COMPANY.search(text))


def has_organisation_word(text: str) -> bool:
    """Whether a text holds a word by which organisations are called."""
    return any(word.casefold() in _ORGANISATIONS for word in _WORD.findall(text))


def has_role(text: str) -> bool:
    """Whether a text speaks of work or of an organisation, and so of no person and no place."""
    return (
        has_title_word(text)
        or has_legal_form(text)
        or has_organisation_word(text)
        or is_department(text)
    )
