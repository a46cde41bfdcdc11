"""The routes of the bakery, which are in whichever process people ask."""

from __future__ import annotations

ROUTES = '''
from flask import request
from flask.views import MethodView
from marshmallow import fields

from meishi.sdk.context import current_actor, service
from meishi.sdk.http import Blueprint, ResourceSchema

from bakery.contract import Shelf, SoldOut

blueprint = Blueprint("bakery", description="What is sold")


class SaleSchema(ResourceSchema):
    item = fields.String(required=True)
    number = fields.Integer(load_default=1)


class SoldSchema(ResourceSchema):
    sold = fields.Integer()
    language = fields.String()
    user_id = fields.String()


@blueprint.route("/notes/<path:name>")
class Notes(MethodView):
    @blueprint.requires("write")
    @blueprint.response(200, SaleSchema)
    def post(self, name):
        """Say what was named."""
        return {"item": name, "number": 0}


@blueprint.route("/sales")
class Sales(MethodView):
    @blueprint.requires("read")
    @blueprint.response(200, SoldSchema)
    def get(self):
        """Say how much was sold, and who asks."""
        return {
            "sold": service(Shelf).count(),
            "language": request.headers.get("Accept-Language", ""),
            "user_id": str(current_actor().user_id),
        }

    @blueprint.requires("write")
    @blueprint.arguments(SaleSchema)
    @blueprint.response(201, SaleSchema)
    @blueprint.problem(SoldOut)
    def post(self, sale):
        """Sell something."""
        sold = service(Shelf).sell(sale["item"], sale["number"])
        return {"item": sold.item, "number": sold.number}
'''
