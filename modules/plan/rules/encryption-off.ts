import { attributeOf, isUnknown, managed, stays } from '../values';
import { fault, type Rule } from './rule';

export const encryptionOff: Rule<'encryption-off'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (!['aws_rds_cluster', 'aws_db_instance'].includes(type) || !stays(resource)) return [];
    const [was, is] = [
      attributeOf(change.before, 'storage_encrypted'),
      attributeOf(change.after, 'storage_encrypted'),
    ];
    const isOn = is === true && !isUnknown(change.after_unknown, 'storage_encrypted');
    const isNew = change.before === null || was === true;
    return isOn || !isNew
      ? []
      : [fault('encryption-off', address, 'stores its data unencrypted', 'set storage_encrypted = true')];
  });
