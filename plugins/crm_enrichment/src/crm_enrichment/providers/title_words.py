"""Words of job titles in several languages: how high they stand, and which department they name.

In small letters, without accents, German umlauts as two letters.
"""

from __future__ import annotations

from crm_enrichment.contract import Department, Seniority

#: Phrases by standing; a comma ends each.
SENIORITY = {
    Seniority.FOUNDER: """
        founder, co founder, cofounder, founding partner, owner, co owner, proprietor, gruender,
        gruenderin, mitgruender, mitgruenderin, inhaber, inhaberin, fondateur, fondatrice,
        cofondateur, cofondatrice, fundador, fundadora, cofundador, cofundadora, fondatore,
        cofondatore, cofondatrice, titolare, propietario, propietaria, proprietaire, oprichter,
        eigenaar, grundare, grunder, proprietario
    """,
    Seniority.C_LEVEL: """
        ceo, cto, cfo, coo, cmo, cio, ciso, cpo, cro, chro, cdo, cso, clo, cco, chief, president,
        managing director, general manager, geschaeftsfuehrer, geschaeftsfuehrerin,
        geschaeftsfuehrung, geschaeftsleitung, geschaeftsleiter, vorstand, vorstandsvorsitzender,
        vorstandsvorsitzende, vorstaendin, pdg, president directeur general, directeur general,
        directrice generale, director general, directora general, consejero delegado,
        consejera delegada, amministratore delegato, amministratrice delegata, direttore generale,
        direttrice generale, presidente, presidenta, presidentessa, algemeen directeur,
        verkstallande direktor, vd, diretor geral, gerant, gerante, managing partner, chairman,
        chairwoman, chairperson, administrateur delegue
    """,
    Seniority.VICE_PRESIDENT: """
        vp, svp, evp, avp, vice president, senior vice president, executive vice president,
        vicepresident, vice presidente, vicepresidente, vizepraesident, vizepraesidentin
    """,
    Seniority.DIRECTOR: """
        director, direktor, direktorin, directeur, directrice, directora, direttore, direttrice,
        diretor, diretora, prokurist, prokuristin, bereichsleiter, bereichsleiterin,
        bereichsleitung
    """,
    Seniority.HEAD: """
        head, head of, leiter, leiterin, leitung, abteilungsleiter, abteilungsleiterin, chef,
        cheffe, jefe, jefa, capo, responsable, responsabile, responsavel, hoofd, chief of staff
    """,
    Seniority.MANAGER: """
        manager, managerin, team lead, team leader, lead, teamleiter, teamleiterin, teamleitung,
        gruppenleiter, gruppenleiterin, supervisor, gerente, gestionnaire, encargado, encargada,
        coordinador, coordinadora, coordinateur, coordinatrice, coordinatore, projektleiter,
        projektleiterin, chef de projet, jefe de proyecto, capo progetto, foreman, polier
    """,
    Seniority.SENIOR: """
        senior, sr, principal, expert, experte, expertin, specialist, spezialist, spezialistin,
        architect, architekt, architektin, staff engineer, professor, professorin, professeur,
        product owner, process owner
    """,
    Seniority.STAFF: """
        assistant to, executive assistant, personal assistant, assistenz der, assistent der,
        assistentin der, assistante de, assistant de, asistente de, assistente di, assistente de,
        office assistant, secretary, sekretaer, sekretaerin, secretaire, secretario, secretaria,
        segretario, segretaria, sachbearbeiter, sachbearbeiterin, engineer, developer, ingenieur,
        ingenieurin, entwickler, entwicklerin, analyst, consultant, berater, beraterin, accountant,
        buchhalter, buchhalterin, comptable, contable, contabile, designer, clerk, referent,
        referentin, technician, techniker, technikerin, developpeur, developpeuse, desarrollador,
        desarrolladora, sviluppatore, sviluppatrice, ingeniero, ingeniera, ingegnere, lawyer,
        anwalt, anwaeltin, avocat, avocate, abogado, abogada, avvocato
    """,
    Seniority.ENTRY: """
        intern, trainee, apprentice, junior, jr, praktikant, praktikantin, werkstudent,
        werkstudentin, auszubildende, auszubildender, azubi, volontaer, volontaerin, stagiaire,
        alternant, alternante, apprenti, becario, becaria, practicante, stagista, tirocinante,
        apprendista, working student, estagiario, stagiair
    """,
}

DEPARTMENTS = {
    Department.EXECUTIVE: """
        ceo, coo, managing director, geschaeftsfuehrer, geschaeftsfuehrerin, geschaeftsfuehrung,
        geschaeftsleitung, vorstand, pdg, directeur general, directrice generale, director general,
        directora general, consejero delegado, amministratore delegato, direttore generale
    """,
    Department.ADMINISTRATION: """
        administration, office, verwaltung, sekretariat, secretary, sekretaer, sekretaerin,
        secretaire, secretaria, segretaria, executive assistant, personal assistant, empfang,
        reception, administracion, amministrazione
    """,
    Department.COMMUNICATIONS: """
        communications, communication, public relations, pr, presse, press, kommunikation,
        oeffentlichkeitsarbeit, comunicacion, comunicazione, redaktion, editor, redakteur,
        redakteurin, journalist
    """,
    Department.CONSULTING: """
        consultant, consulting, berater, beraterin, beratung, advisor, conseil, consultor,
        consultora, consulente, consulenza
    """,
    Department.DESIGN: """
        design, designer, ux, ui, creative, kreativ, gestaltung, grafik, graphic, graphiste, diseno,
        disenador, disenadora, progettista
    """,
    Department.EDUCATION: """
        teacher, lehrer, lehrerin, professor, professorin, professeur, lecturer, dozent, dozentin,
        enseignant, enseignante, maestro, maestra, docente, insegnante, training, ausbildung
    """,
    Department.ENGINEERING: """
        cto, engineering, engineer, software, developer, development, entwickler, entwicklerin,
        entwicklung, ingenieur, ingenieurin, technology, technik, programmer, devops, backend,
        frontend, developpeur, developpeuse, developpement, ingenierie, desarrollador,
        desarrolladora, desarrollo, ingeniero, ingeniera, ingenieria, sviluppatore, sviluppo,
        ingegnere, ingegneria, tecnico, architecture, construction
    """,
    Department.FINANCE: """
        cfo, finance, financial, finanzen, accounting, accountant, controller, controlling,
        buchhaltung, buchhalter, buchhalterin, treasury, tax, steuern, audit, auditor, comptable,
        comptabilite, finances, financier, financiere, finanzas, contable, contabilidad, finanza,
        contabile, contabilita, rechnungswesen
    """,
    Department.HEALTH: """
        doctor, physician, nurse, arzt, aerztin, pfleger, medecin, infirmier, infirmiere, medico,
        medica, enfermero, enfermera, infermiere, infermiera, pharmacist, apotheker, apothekerin
    """,
    Department.HUMAN_RESOURCES: """
        chro, hr, human resources, people, talent, recruiter, recruiting, recruitment, personal,
        personalwesen, personalabteilung, ressources humaines, rh, recursos humanos, rrhh,
        risorse umane
    """,
    Department.IT: """
        cio, ciso, it, information technology, systems, system administrator, sysadmin, network,
        infrastructure, informatik, edv, systemadministrator, informatique, informatica, sistemas,
        sistemista, data, security, cloud
    """,
    Department.LEGAL: """
        clo, legal, counsel, general counsel, lawyer, attorney, recht, jurist, juristin, anwalt,
        anwaeltin, rechtsanwalt, rechtsanwaeltin, compliance, juridique, juriste, avocat, avocate,
        abogado, abogada, juridico, legale, avvocato, notar, notarin
    """,
    Department.LOGISTICS: """
        logistics, supply chain, logistik, warehouse, lager, transport, shipping, versand,
        logistique, logistica, magasin, almacen, magazzino, spedition
    """,
    Department.MARKETING: """
        cmo, marketing, brand, growth, seo, content, social media, campaign, mercadotecnia, marca,
        markenfuehrung, werbung, publicite, publicidad, pubblicita
    """,
    Department.OPERATIONS: """
        coo, operations, operation, ops, betrieb, betriebsleiter, facility, facilities,
        exploitation, operaciones, operazioni, operacoes
    """,
    Department.PROCUREMENT: """
        procurement, purchasing, buyer, einkauf, einkaeufer, einkaeuferin, beschaffung, achats,
        acheteur, acheteuse, compras, comprador, compradora, acquisti, sourcing
    """,
    Department.PRODUCT: """
        cpo, product, product manager, product owner, produkt, produit, producto, prodotto,
        produktmanager, produktmanagerin
    """,
    Department.PRODUCTION: """
        production, manufacturing, plant, produktion, fertigung, werk, werkleiter, usine,
        fabrication, produccion, fabrica, fabricacion, produzione, fabbrica, montage
    """,
    Department.QUALITY: """
        quality, qa, qualitaet, qualitaetssicherung, qualitaetsmanagement, qualite, calidad,
        qualita, tester, test
    """,
    Department.RESEARCH: """
        research, r d, scientist, forschung, wissenschaftler, wissenschaftlerin, recherche,
        chercheur, chercheuse, investigacion, investigador, investigadora, ricerca, ricercatore,
        ricercatrice, laboratory, labor
    """,
    Department.SALES: """
        sales, account executive, account manager, business development, key account, vertrieb,
        verkauf, verkaeufer, verkaeuferin, aussendienst, innendienst, ventes, vente, commercial,
        commerciale, ventas, comercial, vendite, commerciali, vendedor, vendedora, venditore, vendas
    """,
    Department.SUPPORT: """
        support, customer success, customer service, helpdesk, kundendienst, kundenservice,
        kundenbetreuung, service client, soporte, atencion al cliente, assistenza, servizio clienti
    """,
}

#: First parts of German compounds.
COMPOUND_DEPARTMENTS = {
    "vertriebs": Department.SALES,
    "verkaufs": Department.SALES,
    "einkaufs": Department.PROCUREMENT,
    "entwicklungs": Department.ENGINEERING,
    "software": Department.ENGINEERING,
    "technik": Department.ENGINEERING,
    "finanz": Department.FINANCE,
    "personal": Department.HUMAN_RESOURCES,
    "marketing": Department.MARKETING,
    "produktions": Department.PRODUCTION,
    "fertigungs": Department.PRODUCTION,
    "werks": Department.PRODUCTION,
    "logistik": Department.LOGISTICS,
    "lager": Department.LOGISTICS,
    "rechts": Department.LEGAL,
    "forschungs": Department.RESEARCH,
    "labor": Department.RESEARCH,
    "qualitaets": Department.QUALITY,
    "betriebs": Department.OPERATIONS,
    "verwaltungs": Department.ADMINISTRATION,
    "produkt": Department.PRODUCT,
    "it": Department.IT,
    "service": Department.SUPPORT,
    "kunden": Department.SUPPORT,
}
#: Their last parts.
COMPOUND_SENIORITY = {
    "direktor": Seniority.DIRECTOR,
    "direktorin": Seniority.DIRECTOR,
    "vorstand": Seniority.C_LEVEL,
    "leiter": Seniority.HEAD,
    "leiterin": Seniority.HEAD,
    "leitung": Seniority.HEAD,
    "chef": Seniority.HEAD,
    "chefin": Seniority.HEAD,
    "manager": Seniority.MANAGER,
    "managerin": Seniority.MANAGER,
    "assistent": Seniority.STAFF,
    "assistentin": Seniority.STAFF,
    "berater": Seniority.STAFF,
    "beraterin": Seniority.STAFF,
    "ingenieur": Seniority.STAFF,
    "ingenieurin": Seniority.STAFF,
    "entwickler": Seniority.STAFF,
    "entwicklerin": Seniority.STAFF,
    "mitarbeiter": Seniority.STAFF,
    "mitarbeiterin": Seniority.STAFF,
}
#: Words that make everything else in a title somebody else's.
SERVING = """
    assistant to, executive assistant, personal assistant, assistenz der, assistent der,
    assistentin der, assistante de, assistant de, asistente de, assistente di, assistente de,
    secretary, sekretaer, sekretaerin, secretaire, secretario, secretaria, segretario, segretaria
"""
