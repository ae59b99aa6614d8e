terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "region" {
  default = "eu-central-1"
}

provider "aws" {
  region = var.region
  default_tags {
    tags = { team = "ml" }
  }
}

module "data" {
  source   = "./modules/bucket"
  for_each = toset(["raw", "clean.v1"])
  name     = "demo-${each.key}"
  versioned = false
}

resource "aws_security_group" "web" {
  name = "web"

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }

  dynamic "egress" {
    for_each = [80, 443]
    content {
      from_port   = egress.value
      to_port     = egress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  tags = merge({ owner = "a" }, {
    "cost-center" = "42"
  })
}

resource "aws_instance" "gpu" {
  count         = 2
  ami           = "ami-12345678"
  instance_type = "p4d.24xlarge"
  root_block_device {
    encrypted = false
  }
  vpc_security_group_ids = [aws_security_group.web.id]
}
